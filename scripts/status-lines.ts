import { actsIn } from '../domain/guards/built-in.ts';
import type { Price } from '../domain/rollback/price.ts';
import type { LookRow } from '../ledger/guards.ts';
import { paceOf } from '../domain/waves/pace.ts';
import type { LaneCounter, LaneWork } from '../ledger/lanes.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { instantText } from '../reports/instant.ts';
import { frozenText } from '../reports/frozen-text.ts';
import { accountsAtOpening, frozenTimeOf, reportDecision } from './report-data.ts';
import { decisionText } from './gate-lines.ts';
import { paceText } from './pace-text.ts';
import type { RunView } from './run-view.ts';

/** A wave as status shows it, with what the lanes of its present attempt counted. */
export interface WaveStanding {
  readonly name: string;
  readonly state: string;
  readonly attempt: number;
  readonly accounts: number | null;
  readonly counters: readonly LaneCounter[];
  /** How long its accounts were frozen (ms); null where they were not. */
  readonly frozenMs: number | null;
  /** How long its records loaded before the freeze (ms). */
  readonly loadedBeforeMs: number;
}

/** Records that are being loaded, switched or undone; at the pace until now, null while there is none. */
export interface Work extends Omit<LaneWork, 'state' | 'elapsedMs'> {
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}

/** What status shows below its first line, from the ledger. */
export interface StatusBody {
  readonly waves: readonly WaveStanding[];
  /** What is being written now, with how far it is. */
  readonly work: readonly Work[];
  /** The newest look at each guard, in each wave in which it acts now. */
  readonly guards: readonly LookRow[];
  /** Open exceptions by kind. */
  readonly exceptions: Readonly<Record<string, number>>;
  readonly price: Price | null;
  readonly refused: readonly string[];
}

/** Reads what status shows of a run below its first line. */
export async function readBody(ledger: Ledger, view: RunView, price: Price | null): Promise<StatusBody> {
  const times = await ledger.frozenTimes.of(view.run.id);
  const waves = await Promise.all(
    view.waves.map(async ({ run, name, state, attempt }) => ({
      name,
      state,
      attempt,
      accounts: accountsAtOpening(view.events, name),
      counters: (await ledger.lanes.counters(run, name)).filter((counter) => counter.attempt === attempt),
      ...frozenTimeOf(times, name),
    })),
  );
  const work = view.run.state === 'open' ? (await ledger.lanes.work(view.run.id)).map(workOf) : [];
  const looks = (await ledger.guards.looks(view.run.id)).filter(({ guard, wave, attempt }) =>
    view.waves.some(({ name, attempt: present, state }) => name === wave && present === attempt && actsIn(view.plan, guard, state)),
  );
  const exceptions: Record<string, number> = {};
  for (const { state, kind } of view.exceptions) if (state === 'open') exceptions[kind] = (exceptions[kind] ?? 0) + 1;
  const refused = view.decisions.filter(({ outcome }) => outcome === 'refused').map((decision) => decisionText(reportDecision(decision)));
  return { waves, work, guards: looks, exceptions, price, refused };
}

/** The body of status as lines for people. */
export function bodyLines({ waves, work, guards, exceptions, price, refused }: StatusBody): readonly string[] {
  const open = Object.entries(exceptions).map(([kind, count]) => `${kind} ${String(count)}`);
  return [
    ...(waves.length === 0 ? [] : ['Waves:', ...waves.map(waveText)]),
    ...(work.length === 0 ? [] : ['Under way:', ...work.map(workText)]),
    ...(guards.length === 0 ? [] : ['Guards:', ...guards.map(guardText)]),
    `Open exceptions: ${open.length === 0 ? 'none' : open.join(', ')}.`,
    ...(price === null ? [] : [price.sentence]),
    ...(refused.length === 0
      ? []
      : [
          `Refused messages: ${String(refused.length)}, the newest first:`,
          ...refused
            .toReversed()
            .slice(0, shownRefusals)
            .map((text) => `   - ${text}`),
        ]),
  ];
}

/** Refused messages shown; the report has all. */
const shownRefusals = 3;

function workOf({ wave, kind, object, done, total, elapsedMs }: LaneWork): Work {
  const pace = paceOf({ done, total, elapsedMs });
  return { wave, kind, object, done, total, perSecond: pace?.perSecond ?? null, leftMs: pace?.leftMs ?? null };
}

function workText({ wave, kind, object, ...pace }: Work): string {
  return `   - ${kind} of ${object} in ${wave}: ${paceText(pace)}`;
}

function guardText({ guard, wave, verdict, reason, measuredAt, at }: LookRow): string {
  return `   - ${guard} in ${wave}: ${verdict}. ${reason} Measured ${instantText((measuredAt ?? at).toISOString())}.`;
}

function waveText({ name, state, attempt, accounts, counters, ...times }: WaveStanding): string {
  const counted = counters
    .filter(({ value }) => value > 0)
    .map((counter) => `${counter.object} ${counter.kind} ${counter.name} ${String(counter.value)}`)
    .join(', ');
  const frozen = frozenText(times);
  return `   - ${name}: ${state}, attempt ${String(attempt)}${accounts === null || accounts === 0 ? '' : `, ${String(accounts)} accounts`}${frozen === '' ? '' : `, ${frozen}`}${counted === '' ? '' : ` (${counted})`}`;
}
