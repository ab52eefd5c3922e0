import { sql, type Transaction } from 'kysely';
import { settle, standingStatuses, type CallState } from '../domain/effects/outcome.ts';
import type { Answer } from './effect-row.ts';
import { tableOf } from './rows.ts';

/** The call of a create that nobody has told anything of, whose record and target record nothing else stands for. */
const untold: CallState = { status: 'intended', callOpen: true, inTime: true, otherTarget: false, otherOwner: false };

/**
 * Settles answers which say of creates that they were made: closes their calls, and enters their records with their owners, in one statement. It leaves
 * out every create that is not as `untold` says, so that the decision about each is the same; effects are locked in the order of their ids, owners
 * written in the order of target records. Returns the answers that it settled; the crosswalk follows them.
 */
export async function settleCreates(tx: Transaction<unknown>, answers: readonly Answer[]): Promise<ReadonlySet<Answer>> {
  const named = Map.groupBy(answers, ({ effect }) => effect);
  const made = answers.filter(
    ({ effect, says, targetId, reason }) =>
      standingStatuses.includes(says) && targetId !== null && reason === null && named.get(effect)?.length === 1,
  );
  if (made.length === 0) return new Set();
  const rows = made.map(({ effect, n, says, targetId }) => ({ effect, n, says, targetId, status: settle(untold, says).status }));
  // `is true`: PostgreSQL takes the created rows for one, and would go through all of them for each otherwise, instead of hashing them once.
  const { rows: left } = await sql<{ effect: string }>`
    with r as materialized (select r.* from ${tableOf(rows, 'effect text, n int, says text, "targetId" text, status text')}),
      held as materialized (select e.id, e.scope, e.object, e.source_id, e.system, e.target_object, e.origin, e.content_hash, e.run, e.wave, r."targetId", r.says, r.status
        from r join effect e on e.id = r.effect and e.n = r.n where e.status = ${sql.lit(untold.status)} and e.closed is null and e.operation = 'create' and e.undoes is null
        and e.origin is not null order by e.id for no key update of e),
      entered as (insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
        select scope, object, source_id, system, target_object, "targetId", origin, id, content_hash, run, wave from held
        order by scope, system, target_object, "targetId" on conflict do nothing returning live_effect),
      closed as (update effect e set status = held.status, target_id = held."targetId", closed = held.says, closed_at = clock_timestamp()
        from held where e.id = held.id and (held.id in (select live_effect from entered)) is true returning e.id)
    select r.effect from r where r.effect not in (select id from closed)`.execute(tx);
  const others = new Set(left.map(({ effect }) => effect));
  return new Set(made.filter(({ effect }) => !others.has(effect)));
}
