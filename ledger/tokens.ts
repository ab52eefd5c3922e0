import { sql, type Transaction } from 'kysely';
import { judgeLostToken, standingOn } from '../domain/gates/stops.ts';
import type { LaneKind, WaveState } from '../domain/waves/state.ts';
import { readStanding } from './holds.ts';

/** One claim of one lane: who makes a call. */
export interface LaneToken {
  readonly scope: string;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly lane: number;
  readonly token: number;
}

/**
 * What took a lane's token: null where it still counts, and then no raise passes before the transaction has ended. `held`: a hold took it, and the
 * lane may be claimed again; `fenced`: its attempt is over.
 */
export async function tokenLoss(tx: Transaction<unknown>, lane: LaneToken): Promise<'held' | 'fenced' | null> {
  // Shared: batches of one claim may pass side by side; a claim and a raise change the row, so they wait for all of them.
  const proved = await sql`select 1 from lane where id = ${lane.lane} and token = ${lane.token} for share`.execute(tx);
  return proved.rows.length > 0 ? null : lostToken(tx, lane);
}

/** Why the token of a lane is gone, by what stands when the intent asks. */
async function lostToken(tx: Transaction<unknown>, lane: LaneToken): Promise<'held' | 'fenced'> {
  const { rows } = await sql<{
    kind: LaneKind;
    attempt: number;
    current: number;
    state: WaveState;
  }>`select l.kind, l.attempt, w.attempt as current, w.state from lane l join wave w on w.run = l.run and w.name = l.wave where l.id = ${lane.lane}`.execute(
    tx,
  );
  const at = rows[0];
  if (at === undefined) return 'fenced';
  return judgeLostToken({ ...at, standing: standingOn(await readStanding(tx, lane.run), lane.wave) });
}
