import type { GateCall } from '../../contracts/activities.ts';
import { sharedWave } from '../../contracts/messages.ts';
import type { GateFacts } from '../../domain/gates/worse.ts';
import { judgeLimits, limitsPass } from '../../domain/gates/limits.ts';
import type { MetricName } from '../../domain/plan/plan.ts';
import { documentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';
import { blockedAccounts } from '../load/blocked.ts';
import { priceOf } from '../rollback/price.ts';
import { equations, measureAnew, type Measured, type Place } from '../verify/metrics.ts';
import { accountsOf } from '../waves/open-wave.ts';

/** What is voted on (hashed), what keeps the gate shut, and what people are told before they vote. */
export interface Evidence {
  readonly facts: GateFacts;
  readonly factsHash: string;
  readonly shut: readonly string[];
  readonly notices: readonly string[];
}

/** Computes the evidence of one gate from the systems themselves; a metric that cannot be measured is missing, and missing shuts the gate. */
export async function evidenceOf(context: Context, call: GateCall, attempt: number): Promise<Evidence> {
  const { plan } = context.sys;
  const place: Place = { wave: call.wave, attempt, whole: call.wave === sharedWave };
  const measured = new Map<MetricName, Measured | string>();
  for (const { metric } of plan.gates[call.kind].limits) {
    measured.set(
      metric,
      await measureAnew(context, metric, place).catch((error: unknown) => (error instanceof Error ? error.message : 'not measured')),
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
  const exceptions = (await context.ledger.exceptions.openOf(call.run, place.whole ? null : call.wave)).map(
    (row) => `${row.object} ${row.sourceId}: ${row.kind}`,
  );
  const facts = {
    limits,
    exceptions,
    equations: call.kind === 'retry' ? [] : await equations(context, place),
    plan: call.planHash,
    env: call.envHash,
    pointsOfNoReturn: call.kind === 'switch' ? plan.rollback.pointsOfNoReturn : [],
  };
  return {
    facts,
    factsHash: documentHash(JSON.parse(JSON.stringify(facts))),
    shut,
    notices: await noticesOf(context, call, place, exceptions.length),
  };
}

/**
 * Rates are compared as rates, everything else as the count of what is bad. A comparison of nothing is missing; a load that had nothing to write
 * (everything was matched as it stands) is counted exactly by the ledger and failed at nothing.
 */
function valueOf(metric: MetricName, { bad, of }: Measured): number | null {
  if (metric !== 'writeErrorRate' && metric !== 'mismatchRate') return bad;
  if (of === 0) return metric === 'writeErrorRate' ? 0 : null;
  return bad / of;
}

function detailOf(measured: Measured | string | undefined): string {
  if (measured === undefined) return 'not measured';
  if (typeof measured === 'string') return measured;
  const counts = `${String(measured.bad)} of ${String(measured.of)}`;
  return measured.samples.length === 0 ? counts : `${counts} (${measured.samples.slice(0, 5).join('; ')})`;
}

async function noticesOf(context: Context, call: GateCall, place: Place, exceptions: number): Promise<readonly string[]> {
  const notices: string[] = [];
  if (call.kind === 'switch') {
    const documents = await documentsOf(context, call.wave);
    if (documents > 0)
      notices.push(
        `From this go on ${String(documents)} documents are confirmed in the target; they can then be neither cancelled nor deleted (undo kind impossible), and a rollback leaves them there marked "returned to legacy, do not ship".`,
      );
    const { leaseUntil } = await context.ledger.waves.get(call.run, call.wave);
    if (leaseUntil !== null)
      notices.push(
        `The freeze of this wave's accounts ends by itself at ${leaseUntil.toISOString()}; decide before, or the wave is frozen and read again.`,
      );
    if (context.sys.source.capabilities.freeze?.granularity === 'system')
      notices.push(
        'The legacy system can only be frozen as a whole, and its lease is ended by a person: nobody can work in it until this wave is taken back; after this go until the whole run is.',
      );
    notices.push((await priceOf(context, call.wave)).sentence);
  }
  if (call.kind === 'close') {
    notices.push(
      `The go at this gate signs off ${String(exceptions)} open exceptions; the report exports them. The seals in legacy are handed over if IT has by then taken the writing rights of the legacy users away; otherwise they stay.`,
      (await priceOf(context, call.wave)).sentence,
    );
    const { edited } = await context.ledger.guards.comparisons(call.run, call.wave, place.attempt);
    if (edited.length > 0)
      notices.push(
        `People have changed ${String(edited.length)} records in the new system since their switch; they differ from the sealed legacy records, and that is business and no mismatch.`,
      );
  }
  return notices;
}

/** Documents of the wave that its switch will activate. */
async function documentsOf(context: Context, wave: string): Promise<number> {
  const [accounts, blocked] = [new Set(await accountsOf(context, wave)), await blockedAccounts(context)];
  let documents = 0;
  for (const object of context.sys.plan.objects.filter(({ activate }) => activate)) {
    const records = await context.ledger.records.latest(context.scope, wave, object.name);
    documents += records.filter(
      (record) => record.disposition === 'move' && accounts.has(record.account ?? '') && !blocked.has(record.account ?? ''),
    ).length;
  }
  return documents;
}
