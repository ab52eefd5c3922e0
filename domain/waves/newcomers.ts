import { z } from 'zod';
import type { WaveState } from './state.ts';

/** What a plan says of accounts that come up in legacy behind the freeze of the last wave. */
export const newcomersSchema = z.enum(['lastWave', 'stay']);

/** What decides whether an account is such a newcomer, and stays. */
export interface NewcomerFacts {
  readonly rule: z.infer<typeof newcomersSchema>;
  /** State of the last wave, with which accounts go that the plan does not name. */
  readonly lastWave: WaveState;
  /** Accounts that the plan names. */
  readonly named: { has(account: string): boolean };
  /** Accounts that a wave has read. */
  readonly read: { has(account: string): boolean };
}

/**
 * Whether an account stays in legacy because it came up too late and the plan lets it: nobody named it, and the last wave switched without having
 * read it. Where that wave can still run, the account goes with it.
 */
export function staysAsNewcomer(account: string, { rule, lastWave, named, read }: NewcomerFacts): boolean {
  const isLate = lastWave === 'switched' || lastWave === 'closed';
  return rule === 'stay' && isLate && !named.has(account) && !read.has(account);
}
