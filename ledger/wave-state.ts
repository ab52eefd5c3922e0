import { sql } from 'kysely';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import type { WaveAttempt } from '../domain/waves/acts.ts';
import { mayMove, type WaveState } from '../domain/waves/state.ts';
import type { Database } from './database.ts';

/**
 * Moves a wave on within a deciding transaction that has read where it stands, as the table of its life allows; one that stands there already stays.
 * Rejects with WaveMovedOn where it is another attempt, or stands elsewhere.
 */
export async function enter(
  tx: Database,
  { run, wave, attempt }: WaveAttempt,
  at: { readonly state: WaveState; readonly attempt: number } | undefined,
  to: WaveState,
): Promise<void> {
  if (at?.attempt !== attempt || (at.state !== to && !mayMove(at.state, to))) throw new WaveMovedOn(wave, attempt, to, at);
  if (at.state === to) return;
  await sql`update wave set state = ${to},
      opened_at = case when ${to} = 'loading' then clock_timestamp() else opened_at end,
      switched_at = case when ${to} = 'switched' then clock_timestamp() else switched_at end,
      ended_at = case when ${to} in ('rolledBack', 'rolledBackWithExceptions', 'closed') then clock_timestamp() else ended_at end
    where run = ${run} and name = ${wave}`.execute(tx);
}
