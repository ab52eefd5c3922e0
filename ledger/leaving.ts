import { sql, type Transaction } from 'kysely';
import { standingStatuses } from '../domain/effects/outcome.ts';
import { tableOf } from './rows.ts';

/** A forward effect of an attempt that is over, and why it is left as it is. */
export interface LeftEffect {
  readonly id: string;
  readonly reason: string;
}

/** Leaves those of these effects that stand: they count as kept, as do the rows of their records, which the next attempt takes over. */
export async function leaveStanding(tx: Transaction<unknown>, effects: readonly LeftEffect[]): Promise<void> {
  await sql`with kept as (update effect e set status = 'kept', reason = r.reason from ${tableOf(effects, 'id text, reason text')}
      where e.id = r.id and e.undoes is null and e.status = any(${standingStatuses})
      returning e.scope, e.run, e.wave, e.object, e.source_id, e.system, e.target_object, e.target_id)
    update crosswalk c set state = 'kept' from kept where c.object = kept.object and c.source_id = kept.source_id and c.scope = kept.scope
      and c.system = kept.system and c.target_object = kept.target_object and c.target_id = kept.target_id and c.run = kept.run and c.wave = kept.wave and c.state = 'live'`.execute(
    tx,
  );
}
