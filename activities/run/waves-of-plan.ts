import { sharedWave } from '../../contracts/messages.ts';
import type { Plan } from '../../domain/plan/plan.ts';

/** The wave of each account named in the plan. */
export function waveOfAccounts(plan: Plan): ReadonlyMap<string, string> {
  return new Map([plan.pilot, ...plan.waves].flatMap((wave) => wave.accounts.map((account) => [account, wave.name] as const)));
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
