import { sql, type Transaction } from 'kysely';
import { settle, standingStatuses, type CallState } from '../domain/effects/outcome.ts';
import type { Answer } from './effect-row.ts';
import { isStorable } from './rows.ts';

/** The call of a create that nobody has told anything of, whose record and target record nothing else stands for. */
const untold: CallState = { status: 'intended', callOpen: true, inTime: true, otherTarget: false, otherOwner: false };

/**
 * Settles answers which say of creates that they were made: closes their calls, and enters their records with their owners, in one statement. It leaves
 * out every create that is not as `untold` says, so that the decision about each is the same. Returns the answers that it settled; the crosswalk follows
 * them. It waits for nobody who works on these effects, and owners are written in the order of target records: so it stands in nobody's way. Rejects
 * with PostgreSQL's own error where an effect is locked, or where something stands for a record or its target record already.
 */
export async function settleCreates(tx: Transaction<unknown>, answers: readonly Answer[]): Promise<ReadonlySet<Answer>> {
  const named = Map.groupBy(answers, ({ effect }) => effect);
  const made = answers.filter(
    ({ effect, says, targetId, reason }) =>
      standingStatuses.includes(says) && targetId !== null && reason === null && named.get(effect)?.length === 1,
  );
  const [first] = made;
  const alike = made.filter(({ n, says }) => n === first?.n && says === first.says);
  // Written by hand: an object with so many names of its own costs more than all else here.
  const targets = `{${alike.map(({ effect, targetId }) => `${JSON.stringify(effect)}:${JSON.stringify(targetId)}`).join(',')}}`;
  if (first === undefined || !isStorable(targets)) return new Set();
  // Changed by their places, each found by its id: so PostgreSQL never goes through the table, whatever it knows of it.
  const { rows } = await sql<{ id: string }>`
    with made as materialized (select id from jsonb_object_keys(${targets}::jsonb) as made(id)),
      closed as (update effect e set status = ${settle(untold, first.says).status}, target_id = ${targets}::jsonb ->> e.id, closed = ${first.says}, closed_at = clock_timestamp()
        where e.ctid = any(array(select found.ctid from made cross join lateral (select f.ctid from effect f where f.id = made.id limit 1 for no key update nowait) found))
        and e.n = ${first.n} and e.status = ${sql.lit(untold.status)} and e.closed is null and e.operation = 'create' and e.undoes is null and e.origin is not null
        returning e.id, e.scope, e.object, e.source_id, e.system, e.target_object, e.target_id, e.origin, e.content_hash, e.run, e.wave),
      entered as (insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
        select scope, object, source_id, system, target_object, target_id, origin, id, content_hash, run, wave from closed
        order by scope, system, target_object, target_id)
    select id from made where (select count(*) from closed) < ${alike.length} and id not in (select id from closed)`.execute(tx);
  const others = new Set(rows.map(({ id }) => id));
  return new Set(alike.filter(({ effect }) => !others.has(effect)));
}
