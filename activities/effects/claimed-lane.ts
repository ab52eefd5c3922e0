import { progress } from '../pulse.ts';
import type { Session } from '../../contracts/adapter.ts';
import type { LaneRow } from '../../ledger/lanes.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import type { Context } from '../deps.ts';
import { guardWithinMs } from '../../domain/guards/alive.ts';
import { endSessionsOf } from './end-sessions.ts';
import { measureClock } from './proof.ts';
import { settleWorkLeft } from './work-left.ts';

/** A lane held by this activity attempt, with a session of its own in each system it writes to. */
export class ClaimedLane {
  readonly context: Context;
  readonly row: LaneRow;
  readonly token: LaneToken;
  readonly #sessions = new Map<string, Promise<Session>>();

  private constructor(context: Context, row: LaneRow, token: number) {
    this.context = context;
    this.row = row;
    this.token = { scope: context.scope, run: row.run, wave: row.wave, attempt: row.attempt, lane: row.id, token };
  }

  /** Claims the lane, settles what systems went on with for earlier claims and ends their sessions, confirmed; or says why it may not be claimed now. */
  static async claim(context: Context, id: number): Promise<ClaimedLane | 'held' | 'noGuard' | 'fenced'> {
    const claim = await context.ledger.lanes.claim(id, guardWithinMs(context.sys.env));
    if ('refused' in claim) return claim.refused;
    const waited = await settleWorkLeft(context, id, claim.token);
    await endSessionsOf(context, { lane: id, before: claim.token });
    // The guard may have died, and a hold come, while it was waited for.
    if (waited) return ClaimedLane.claim(context, id);
    return new ClaimedLane(context, await context.ledger.lanes.get(id), claim.token);
  }

  /** This claim's session in a system, opened once; it is in the ledger before anything is written through it. */
  session(system: string): Promise<Session> {
    const known = this.#sessions.get(system);
    if (known) return known;
    const opening = this.#open(system).catch((error: unknown) => {
      this.#sessions.delete(system);
      throw error;
    });
    this.#sessions.set(system, opening);
    return opening;
  }

  async #open(system: string): Promise<Session> {
    await measureClock(this.context, system);
    const session = await this.context.sys.target(system).open();
    await this.context.ledger.lanes.openSession(this.row.id, this.token.token, system, session.handle);
    return session;
  }

  /** Tells Temporal how far the lane is; ordinals and counts only. */
  progress(done: number): void {
    progress({ lane: this.row.id, object: this.row.object, done, total: this.row.keys.length });
  }

  /** Ends this claim's sessions, confirmed. */
  async release(): Promise<void> {
    for (const [system, opened] of this.#sessions) {
      await (await opened).close();
      await this.context.ledger.lanes.endSession(this.row.id, this.token.token, system);
    }
    this.#sessions.clear();
  }
}
