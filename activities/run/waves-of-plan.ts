import { sharedWave } from '../../contracts/messages.ts';
import type { Plan } from '../../domain/plan/plan.ts';

/** Worked out once for each plan: every record of a load asks for its wave. */
const known = new WeakMap<Plan, ReadonlyMap<string, string>>();

/** The wave of each account named in the plan. */
export function waveOfAccounts(plan: Plan): ReadonlyMap<string, string> {
  const before = known.get(plan);
  if (before !== undefined) return before;
  const waves = new Map([plan.pilot, ...plan.waves].flatMap((wave) => wave.accounts.map((account) => [account, wave.name] as const)));
  known.set(plan, waves);
  return waves;
}

/** The wave a record belongs to; an account that came up after the plan was written goes with the last wave. */
export function waveOf(plan: Plan, account: string | null): string {
  if (account === null) return sharedWave;
  return waveOfAccounts(plan).get(account) ?? lastWave(plan);
}

/** The wave that goes last, and takes the accounts nobody planned for. */
export function lastWave(plan: Plan): string {
  return plan.waves.at(-1)?.name ?? plan.pilot.name;
}
