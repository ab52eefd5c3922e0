import { sql, type Transaction } from 'kysely';
import { leftStatuses } from '../domain/effects/outcome.ts';
import type { ExceptionKind } from '../domain/exceptions/kind.ts';
import { endOfRollback, unendedStatuses, type EndOfRollback, type RollbackEnd, type Unended } from '../domain/rollback/end.ts';
import { mayAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { standingOf } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { ofAttempt } from './effects.ts';
import { openExceptions, type NewException } from './exceptions.ts';
import { leaveStanding } from './leaving.ts';
import { enter } from './wave-state.ts';

/** An effect without an end, with what an exception about it says. */
interface UnendedRow extends Unended {
  readonly account: string | null;
  readonly targetId: string | null;
}

/** The end of a rollback. */
export class Undoing {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Ends the rollback of a wave's attempt: exceptions that it made void are closed, rows of records that were only recognised are forgotten, so that
   * the next attempt matches them anew, and the wave's state says whether anything that lasts is open. An effect that was not brought to its end is
   * left, each record with an exception; so is what an earlier attempt had left and this one took over. Repeated, it tells the end there was. Rejects with WaveMovedOn where the wave is not being taken back in this
   * attempt.
   */
  async finish(
    who: WaveAttempt,
    scope: string,
    kinds: { readonly voided: readonly ExceptionKind[]; readonly lasting: readonly ExceptionKind[] },
  ): Promise<RollbackEnd> {
    const { run, wave } = who;
    return deciding(this.#db, run, [wave], async (tx) => {
      const at = await standingOf(tx, run, wave);
      if (at === undefined || mayAct({ act: 'takeBack', attempt: who.attempt, generation: null }, at) === 'late')
        throw new WaveMovedOn(wave, who.attempt, 'takeBack', at);
      if (at.state === 'rolledBack' || at.state === 'rolledBackWithExceptions') return at.state;
      await sql`update exception set state = 'closed' where run = ${run} and wave = ${wave} and kind = any(${[...kinds.voided]}) and state = 'open'`.execute(
        tx,
      );
      await leaveAgain(tx, who, scope);
      const unended = await unendedOf(tx, who, scope, kinds.lasting);
      const { rows } = await sql<{ open: number }>`select count(*)::int as open from exception
        where run = ${run} and wave = ${wave} and kind = any(${[...kinds.lasting]}) and state = 'open'`.execute(tx);
      const decided = endOfRollback(unended, rows[0]?.open ?? 0);
      await leave(tx, who, unended, decided);
      await sql`update crosswalk set state = 'retired' where scope = ${scope} and run = ${run} and wave = ${wave} and state = 'live' and live_effect is null`.execute(
        tx,
      );
      await giveBack(tx, who, scope);
      await enter(tx, who, at, decided.end);
      return decided.end;
    });
  }
}

/** Forward effects of an attempt that no undo brought to their end. */
async function unendedOf(tx: Database, who: WaveAttempt, scope: string, lasting: readonly ExceptionKind[]): Promise<readonly UnendedRow[]> {
  const { rows } =
    await sql<UnendedRow>`select e.id, e.object, e.source_id as "sourceId", e.system, e.operation, e.status, e.target_id as "targetId",
      (select r.account from record r where r.scope = ${scope} and r.object = e.object and r.source_id = e.source_id and r.latest) as account,
      exists (select 1 from exception x where x.run = e.run and x.wave = e.wave and x.object = e.object and x.source_id = e.source_id
        and x.kind = any(${[...lasting]}) and x.state = 'open') as "isTold"
    from ${ofAttempt(who)} and e.undoes is null and e.status = any(${unendedStatuses}) order by e.ordinal`.execute(tx);
  return rows;
}

/** Leaves effects as they are, each record with an exception. */
async function leave(
  tx: Transaction<unknown>,
  who: WaveAttempt,
  unended: readonly UnendedRow[],
  { left, told }: EndOfRollback,
): Promise<void> {
  if (left.length === 0) return;
  const rows = new Map(unended.map((row) => [row.id, row]));
  await openExceptions(
    tx,
    who.run,
    who.wave,
    told.map(({ id, object, sourceId, reason }) => {
      const { account = null, targetId = null } = rows.get(id) ?? {};
      return { object, sourceId, account, kind: 'keptByRollback', message: reason, candidates: targetId === null ? [] : [targetId] };
    }),
  );
  await leaveStanding(tx, left);
}

/** What an earlier run had left in use, and this wave met and did not write, is that run's again: the next attempt meets it anew. */
async function giveBack(tx: Transaction<unknown>, { run, wave }: WaveAttempt, scope: string): Promise<void> {
  await sql`update crosswalk c set run = e.run, wave = e.wave from effect e
    where c.scope = ${scope} and c.run = ${run} and c.wave = ${wave} and c.state = 'live' and e.id = c.live_effect and e.run <> ${run}`.execute(
    tx,
  );
}

/** Records that an earlier attempt had left and this one took over without a write of its own are again what they were, and told, whatever a switch closed. */
async function leaveAgain(tx: Transaction<unknown>, { run, wave, attempt }: WaveAttempt, scope: string): Promise<void> {
  const { rows } = await sql<NewException>`
    update crosswalk c set state = 'kept' from effect e where c.scope = ${scope} and c.run = ${run} and c.wave = ${wave} and c.state = 'live'
      and e.id = c.live_effect and e.status = any(${leftStatuses}) and (e.run <> ${run} or e.wave <> ${wave} or e.attempt <> ${attempt})
    returning c.object, c.source_id as "sourceId", case when e.status = 'kept' then 'keptByRollback' else 'remains' end as kind, jsonb_build_array(c.target_id) as candidates,
      coalesce(e.reason, 'Kept.') || ' An earlier rollback had left it already.' as message,
      (select r.account from record r where r.scope = c.scope and r.object = c.object and r.source_id = c.source_id and r.latest) as account`.execute(
    tx,
  );
  await openExceptions(tx, run, wave, rows);
}
