import { progress } from '../pulse.ts';
import { resumable, type Tries } from '../tries.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { BudgetWait } from '../../contracts/calls.ts';
import type { Probe } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Deps, Systems } from '../deps.ts';
import { dispositionProblems } from './preflight-dispositions.ts';
import { shownNames } from '../../records/bare.ts';
import { doubleProblems } from './preflight-doubles.ts';
import { accountNameProblems } from './preflight-names.ts';
import { fieldProblems, matchProblems, recordProblems } from './preflight-records.ts';
import { orProblem } from './preflight-source.ts';
import { tableProblems } from './preflight-tables.ts';
import { planReserveProblems } from '../waves/reserve.ts';
import { isOfAccounts, sourceAccounts } from './source-accounts.ts';
import { waveOfAccounts } from './waves-of-plan.ts';

/**
 * Looks at everything the run depends on and changes nothing: addresses, credentials, rights, the archive's folder, dispositions, queries, how tables
 * are counted, what finance must have set up, field lengths, accounts, the calls that a rollback of everything would need. Returns a sentence for each thing that is missing; empty when the run may begin.
 */
export function preflight(deps: Deps) {
  return (ref: RunRef): Promise<string[]> => resumable(deps.ledger, ref, (tries) => problemsOf(deps, ref, tries));
}

async function problemsOf(deps: Deps, ref: RunRef, tries: Tries): Promise<string[]> {
  const sys = await deps.systems(ref);
  const probes = await probeAll(sys);
  const problems = probes.flatMap(({ problems: found }) => found);
  if (problems.length > 0) return bounded(problems);
  const [source, target] = [sys.plan.roles.source, sys.plan.roles.target].map((name) => probes.find((probe) => probe.system === name));
  if (!source?.probe || !target?.probe) return ['the plan names no source or no target system'];
  const scope = contentHash({ source: source.probe.instance, target: target.probe.instance });
  const holder = await deps.ledger.runs.bindScope(ref.run, scope, target.probe.clockSkewMs);
  if (holder !== null)
    return [`run ${holder} is open between the same two systems; see where it stands with cutover status ${holder}, and end it first`];
  progress({ checked: 'systems' });
  problems.push(...(await fieldProblems(sys)));
  progress({ checked: 'fieldProblems' });
  // Records are looked at only by fields that are there: a search by another one would be refused record by record.
  const checks =
    problems.length > 0
      ? [dispositionProblems, tableProblems, accountProblems]
      : [dispositionProblems, tableProblems, accountProblems, doubleProblems, accountNameProblems, matchProblems, recordProblems];
  for (const check of checks) {
    problems.push(...(await orProblem(sys, () => check(sys, tries))));
    progress({ checked: check.name });
  }
  // The limits that a system counts itself were learned from its answers to all this. What a plan with other faults writes cannot be reckoned.
  if (problems.length === 0) problems.push(...(await planReserveProblems({ ledger: deps.ledger, ref, scope, sys })));
  // Several checks read the same queries, and meet the same faults there.
  const causes = [...new Set(problems)];
  await deps.ledger.trail.note(ref.run, null, 'preflight', { problems: causes.length });
  return bounded(causes);
}

/** Characters of all sentences together: what an activity answers stands in the workflow's history, and a long list helps nobody. */
const charactersTold = 50_000;

/** The first sentences that fit, and how many more there are. */
function bounded(problems: readonly string[]): string[] {
  const told: string[] = [];
  let left = charactersTold;
  for (const problem of problems) {
    left -= problem.length;
    if (left < 0 && told.length > 0)
      return [...told, `and ${String(problems.length - told.length)} more causes; mend these first, then start again`];
    told.push(problem.slice(0, charactersTold));
  }
  return told;
}

interface SystemProbe {
  readonly system: string;
  /** Null where it could not be probed, and of the archive, where nobody logs in. */
  readonly probe: Probe | null;
  readonly problems: readonly string[];
}

/** Probes every system; one that cannot be reached or entered is a problem in its own words. Rejects with BudgetWait where one takes no more calls for now. */
async function probeAll(sys: Systems): Promise<readonly SystemProbe[]> {
  const { roles } = sys.plan;
  const found: SystemProbe[] = [];
  for (const system of [roles.source, roles.target, roles.crm]) {
    try {
      const probe = await (system === roles.source ? sys.source : sys.target(system)).probe();
      // What was done in the target since a switch is told apart by its own clock.
      if (system === roles.target) await sys.target(system).now();
      found.push({ system, probe, problems: probe.problems });
    } catch (error) {
      if (error instanceof BudgetWait) throw error;
      found.push({ system, probe: null, problems: [reasonOf(system, error)] });
    }
  }
  const { problems } = await sys.archive.probe();
  return [...found, { system: roles.archive, probe: null, problems }];
}

/** An adapter's own words name the system already. */
function reasonOf(system: string, error: unknown): string {
  if (error instanceof AdapterError) return error.message;
  return `${system}: ${error instanceof Error ? error.message : 'cannot be reached'}`;
}

/** Every account of the source is in exactly one wave, and every account of a wave is in the source. */
export async function accountProblems(sys: Systems): Promise<readonly string[]> {
  if (!sys.plan.objects.some(isOfAccounts)) return ['the plan moves no object that belongs to an account'];
  const named = waveOfAccounts(sys.plan);
  const there = await sourceAccounts(sys);
  const missing = [...named.keys()].filter((account) => !there.has(account));
  const left = [...there].filter((account) => !named.has(account));
  return [
    ...(missing.length > 0 ? [`waves name accounts that the legacy system does not have: ${shownNames(missing)}; correct the plan`] : []),
    ...(left.length > 0 ? [`accounts of the legacy system are in no wave: ${shownNames(left)}; put each into one`] : []),
  ];
}
