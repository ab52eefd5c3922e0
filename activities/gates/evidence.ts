import { exceptionText } from '../../domain/exceptions/key-text.ts';
import type { GateCall } from '../../contracts/activities.ts';
import { BudgetWait } from '../../contracts/calls.ts';
import { sharedWave } from '../../contracts/messages.ts';
import type { GateFacts } from '../../domain/gates/worse.ts';
import { judgeLimits, limitsPass } from '../../domain/gates/limits.ts';
import type { MetricName } from '../../domain/plan/plan.ts';
import { unarchivedTexts } from '../../domain/waves/completeness.ts';
import { documentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';
import { onlyTry, type Tries } from '../tries.ts';
import { configurationDrift } from '../verify/configuration.ts';
import { measureAnew, type Measured } from '../verify/metrics.ts';
import { Sight } from '../verify/sight.ts';
import { noticesOf } from './notices.ts';
import { takenBackOf } from './taken-back.ts';

/** What is voted on (hashed), what keeps the gate shut, and what people are told before they vote. */
export interface Evidence {
  readonly facts: GateFacts;
  readonly factsHash: string;
  readonly shut: readonly string[];
  readonly notices: readonly string[];
}

/** Changes of configuration that the facts of a gate name. */
const factsShown = 20;

/**
 * Computes the evidence of one gate from the systems themselves; a metric that cannot be measured is missing, and missing shuts the gate. With `tries` it
 * goes on with what an earlier one of them has read, where that is young enough.
 */
export async function evidenceOf(context: Context, call: GateCall, attempt: number, tries: Tries = onlyTry): Promise<Evidence> {
  const { plan } = context.sys;
  const sight = new Sight(context, { wave: call.wave, attempt, whole: call.wave === sharedWave }, tries);
  const measured = new Map<MetricName, Measured | string>();
  for (const { metric } of plan.gates[call.kind].limits) {
    measured.set(
      metric,
      await measureAnew(sight, metric).catch((error: unknown) => {
        // The workflow waits and asks again; the votes stand meanwhile.
        if (error instanceof BudgetWait) throw error;
        return error instanceof Error ? error.message : 'not measured';
      }),
    );
  }
  const values = Object.fromEntries(
    [...measured].map(([metric, value]) => [metric, typeof value === 'string' ? null : valueOf(metric, value)]),
  );
  const limits = judgeLimits(plan.gates[call.kind].limits, values).map((fact) => ({
    ...fact,
    detail: detailOf(measured.get(fact.metric)),
  }));
  const shut = limits
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ metric, value, max, detail, verdict }) =>
      verdict === 'inconclusive'
        ? `${metric} could not be measured: ${detail}`
        : `${metric} is ${String(value)}, allowed is ${String(max)}: ${detail}`,
    );
  if (shut.length === 0 && !limitsPass(limits)) shut.push('the gate has no limit');
  const equations = call.kind === 'retry' ? [] : await sight.equations();
  const exceptions = (await sight.exceptions()).map(exceptionText);
  const facts: GateFacts = {
    of: { run: call.run, gate: call.gate, waveAttempt: attempt },
    takenBack: call.kind === 'retry' ? await takenBackOf(context, call.wave) : null,
    limits,
    exceptions,
    equations,
    plan: call.planHash,
    env: call.envHash,
    configuration: ((await configurationDrift(context))?.changes ?? []).slice(0, factsShown),
    pointsOfNoReturn: call.kind === 'switch' ? plan.rollback.pointsOfNoReturn : [],
  };
  return {
    facts,
    factsHash: documentHash(JSON.parse(JSON.stringify(facts))),
    shut,
    notices: [...unarchivedTexts(equations), ...(await noticesOf(context, call, attempt, exceptions.length))],
  };
}

/**
 * Rates are compared as rates, everything else as the count of what is bad. A comparison of nothing is missing, but where every account of the wave stays
 * in legacy; a load that had nothing to write (everything was matched as it stands) is counted exactly by the ledger and failed at nothing.
 */
function valueOf(metric: MetricName, { bad, of, isNothing }: Measured): number | null {
  if (metric !== 'writeErrorRate' && metric !== 'mismatchRate') return bad;
  if (of === 0) return metric === 'writeErrorRate' || isNothing === true ? 0 : null;
  return bad / of;
}

function detailOf(measured: Measured | string | undefined): string {
  if (measured === undefined) return 'not measured';
  if (typeof measured === 'string') return measured;
  if (measured.isNothing === true) return 'every account of the wave stays in legacy';
  const counts = `${String(measured.bad)} of ${String(measured.of)}`;
  return measured.samples.length === 0 ? counts : `${counts} (${measured.samples.slice(0, 5).join('; ')})`;
}
