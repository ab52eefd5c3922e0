import { recordText } from '../../domain/exceptions/key-text.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { MetricName } from '../../domain/plan/plan.ts';
import { unexplainedTexts, type Completeness } from '../../domain/waves/completeness.ts';
import type { Context } from '../deps.ts';
import { activations } from '../effects/activations.ts';
import { capabilityOf } from '../effects/proof.ts';
import { objectOf } from '../load/references.ts';
import { switchedAccounts } from '../run/export.ts';
import { configurationDrift } from './configuration.ts';
import { compareWave } from './compare.ts';
import type { Sight } from './sight.ts';
import { classify, classifyArchived, isInTarget, type Category, type InTarget } from './classify.ts';

/** One value of a metric: `bad` of `of`, with the records that were bad by id. */
export interface Measured {
  readonly bad: number;
  readonly of: number;
  readonly samples: readonly string[];
  /** Everything that was bad, by name. */
  readonly names: readonly string[];
  /** Age of what it was measured from (ms), where that is older than the measuring. */
  readonly ageMs?: number;
  /** There is nothing that could be bad: every account of the wave stays in legacy. */
  readonly isNothing?: boolean;
}

const sampleSize = 20;

/** Measures one metric for a gate: a comparison is made anew, never taken from the last sweep. */
export async function measureAnew(sight: Sight, metric: MetricName): Promise<Measured> {
  if (metric === 'mismatchRate') await compareWave(sight.context, sight.place, sight.part('comparison'));
  return measureMetric(sight, metric);
}

/** Measures one metric, from the systems themselves and the ledger's receipts; mismatches by the last sweep, and as old as that. */
export async function measureMetric(sight: Sight, metric: MetricName): Promise<Measured> {
  const { context, place } = sight;
  const { ledger, ref } = context;
  switch (metric) {
    case 'writeErrorRate': {
      const { failed, total } = await ledger.measurements.writeOutcomes(ref.run, place.whole ? null : place);
      return measured(failed, total);
    }
    case 'mismatchRate': {
      const { total, differing, ageMs } = await ledger.comparisons.all(ref.run, place.wave, place.attempt);
      const bad = differing.map((row) => `${recordText(row)}: ${row.differences.join(', ')}`);
      return { ...measured(bad, total), ageMs: ageMs ?? 0, isNothing: total === 0 && (await sight.movesNothing()) };
    }
    case 'unexplained':
      return measureUnexplained(await sight.equations());
    case 'expectationsUnmet':
      return measureExpectations(sight);
    case 'openExceptions': {
      const open = await sight.exceptions();
      return measured(
        open.map((row) => `${recordText(row)}: ${row.kind}`),
        open.length,
      );
    }
    case 'missingReferences': {
      const open = (await sight.exceptions()).filter((row) => row.kind === 'missingReference');
      return measured(
        open.map((row) => recordText(row)),
        open.length,
      );
    }
    case 'notHarmless':
      return measureHarm(sight);
    case 'configurationDrift': {
      const drift = await configurationDrift(context);
      return measured(drift?.changes ?? [], drift?.of ?? 0);
    }
  }
}

function measured(bad: readonly string[], of: number): Measured {
  return { bad: bad.length, of, samples: bad.slice(0, sampleSize), names: bad };
}

/** Records and tables that the equations leave unexplained, of all records of the source. */
export function measureUnexplained(all: readonly Completeness[]): Measured {
  const bad = all.filter(({ balanced }) => !balanced).flatMap(unexplainedTexts);
  const records = all.reduce((sum, { unexplainedCount }) => sum + Math.abs(unexplainedCount), 0);
  const of = all.reduce((sum, { lines }) => sum + (lines[0]?.count ?? 0), 0);
  return { bad: Math.max(records, bad.length), of, samples: bad.slice(0, sampleSize), names: bad };
}

/**
 * Dirty records whose outcome the plan foretold, of the accounts at hand, that came out otherwise. Over the whole run a record that the source does
 * not have at all is one of them: a name nobody knows is no expectation met.
 */
async function measureExpectations(sight: Sight): Promise<Measured> {
  const { context, place } = sight;
  const { expectations } = context.sys.plan;
  const { fates, accounts } = await sight.about();
  const unmet: string[] = [];
  let of = 0;
  for (const name of new Set(expectations.map(({ object }) => object))) {
    const object = objectOf(context, name);
    const own = expectations.filter((expectation) => expectation.object === name);
    const awaited = new Set(own.map(({ key }) => key));
    const found = new Map<string, string>();
    for (const pages of [classifyArchived, classify])
      for await (const records of pages(context, object, accounts, fates))
        for (const { key, category } of records) if (awaited.has(key)) found.set(key, outcomeOf(category));
    for (const { key, outcome } of own) {
      const came = found.get(key);
      if (came === undefined && !place.whole) continue;
      of += 1;
      if (came !== outcome)
        unmet.push(`${recordText({ object: name, sourceId: key })}: ${came ?? 'not in the source'} instead of ${outcome}`);
    }
  }
  return measured(unmet, of);
}

/** A category by the word that plans have for it. */
function outcomeOf(category: Category): string {
  return category === 'exceptions' ? 'exception' : category;
}

/** Documents that did something before their account was switched: an invoice, a shipment, or a state beyond the resting one. */
async function measureHarm(sight: Sight): Promise<Measured> {
  const { context } = sight;
  const harmful: string[] = [];
  let of = 0;
  const { fates, accounts } = await sight.about();
  const books = await switchedAccounts(context, accounts);
  for (const object of context.sys.plan.objects.filter(({ activate }) => activate))
    for await (const records of classify(context, object, accounts, fates)) {
      const resting = records.filter(isInTarget).filter(({ account }) => !books.has(account ?? ''));
      of += resting.length;
      harmful.push(...(await harmOf(context, object, resting)));
    }
  return measured(harmful, of);
}

/** What these documents did, each in words; a document that an earlier attempt's rollback had to leave is known, listed, and taken over. */
async function harmOf(context: Context, object: ObjectPlan, records: readonly InTarget[]): Promise<readonly string[]> {
  const { rest, halfWay } = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  const left = await activations(
    context,
    object,
    records.map(({ key }) => key),
  );
  const kept = new Set(left.map(({ targetId }) => targetId));
  return records.flatMap(({ key, target: { id, fields, state } }) => {
    const untold = ['invoices', 'shipments'].filter((name) => typeof fields[name] !== 'number');
    if (untold.length > 0)
      throw new Error(
        `${object.target.system} does not tell the ${untold.join(' and ')} of a ${object.target.object}, so nobody knows whether it is harmless`,
      );
    const consequences = ['invoices', 'shipments'].filter((name) => Number(fields[name]) > 0);
    const active = state !== rest && !halfWay.includes(state) && !kept.has(id);
    const did = [...consequences, ...(active ? [state] : [])];
    const named = recordText({ object: object.name, sourceId: key });
    if (did.length > 0) return [`${named}: ${did.join(', ')}`];
    return halfWay.includes(state) ? [`${named}: left half-way in ${state}`] : [];
  });
}
