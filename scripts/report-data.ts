import type { ReportData, ReportDecision, ReportException, ReportGate, ReportRollback, ReportWave } from '../contracts/report.ts';
import { kindsThat } from '../domain/exceptions/kind.ts';
import type { Completeness } from '../domain/waves/completeness.ts';
import type { ExceptionRow } from '../ledger/exceptions.ts';
import type { DecisionRow } from '../ledger/decisions.ts';
import type { GateRow } from '../ledger/gates.ts';
import type { FrozenTime } from '../ledger/frozen-times.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { textsIn, type TrailEvent } from '../ledger/trail.ts';
import type { WaveRow } from '../ledger/waves.ts';
import { newestEvent, type RunView } from './run-view.ts';

/** Puts together all that a report shows of a run, from the ledger alone. */
export async function readReport(ledger: Ledger, known: RunView): Promise<ReportData> {
  const view = { ...known, events: await ledger.trail.events(known.run.id) };
  const { run, plan, env } = view;
  const archived = run.scope === null ? [] : await ledger.trail.archived(run.scope);
  const times = await ledger.frozenTimes.of(view.run.id);
  const waves = await Promise.all(view.waves.map((wave) => reportWave(ledger, view, times, wave)));
  return {
    run: run.id,
    plan: plan?.name ?? null,
    mode: env?.mode ?? null,
    planHash: run.planHash,
    envHash: run.envHash,
    state: run.state,
    phase: run.phase,
    held: run.held,
    startedAt: run.startedAt.toISOString(),
    endedAt: iso(run.endedAt),
    generatedAt: new Date().toISOString(),
    events: view.events.map(({ at, wave, kind, detail }) => ({ at: at.toISOString(), wave, kind, detail })),
    gates: view.gates.map((gate) => reportGate(gate, view.decisions)),
    decisions: view.decisions.map(reportDecision),
    verdicts: view.verdicts.map(({ guard, wave, attempt, segment, verdict, warn, reason, k, n, eValue, answer, at, answeredAt }) => ({
      guard,
      wave,
      attempt,
      segment,
      verdict,
      warn,
      reason,
      k,
      n,
      eValue,
      answer,
      at: at.toISOString(),
      answeredAt: iso(answeredAt),
    })),
    waves,
    exceptions: view.exceptions.map(reportException),
    rollbacks: rollbacksOf(view),
    archive: archived,
  };
}

async function reportWave(
  ledger: Ledger,
  { events }: RunView,
  times: readonly FrozenTime[],
  { run, name, state, attempt, generation, openedAt, switchedAt }: WaveRow,
): Promise<ReportWave> {
  const verified = newestEvent(events, 'verified', name);
  return {
    name,
    state,
    attempt,
    generation,
    openedAt: iso(openedAt),
    switchedAt: iso(switchedAt),
    accounts: accountsAtOpening(events, name),
    counters: await ledger.lanes.counters(run, name),
    equations: equationsIn(verified?.detail['equations']),
    verifiedAt: iso(verified?.at ?? null),
    ...frozenTimeOf(times, name),
  };
}

/** How long a wave was frozen, and how long it loaded before that. */
export function frozenTimeOf(times: readonly FrozenTime[], name: string): Omit<FrozenTime, 'wave'> {
  const time = times.find(({ wave }) => wave === name);
  return { frozenMs: time?.frozenMs ?? null, loadedBeforeMs: time?.loadedBeforeMs ?? 0 };
}

/** Accounts a wave had when its present attempt was opened; null before. */
export function accountsAtOpening(events: readonly TrailEvent[], wave: string): number | null {
  const accounts = newestEvent(events, 'waveOpened', wave)?.detail['accounts'];
  return typeof accounts === 'number' ? accounts : null;
}

/** A gate attempt with its evidence and the decisions that named it. */
export function reportGate(row: GateRow, decisions: readonly DecisionRow[]): ReportGate {
  const { facts } = row;
  return {
    gate: row.gate,
    attempt: row.attempt,
    wave: row.wave,
    state: row.state,
    openedAt: row.openedAt.toISOString(),
    deadlineAt: iso(row.deadlineAt),
    endedAt: iso(row.endedAt),
    factsHash: row.factsHash,
    takenBack: facts.takenBack,
    limits: facts.limits,
    exceptions: facts.exceptions,
    equations: facts.equations,
    pointsOfNoReturn: facts.pointsOfNoReturn,
    configuration: facts.configuration ?? [],
    shut: row.shut,
    notices: row.notices,
    decisions: decisions.filter((decision) => decision.gate === row.gate && decision.attempt === row.attempt).map(reportDecision),
  };
}

/** A recorded message as reports show it. */
export function reportDecision({
  requestId,
  at,
  verb,
  person,
  role,
  gate,
  attempt,
  factsHash,
  scope,
  reason,
  outcome,
  detail,
}: DecisionRow): ReportDecision {
  return { requestId, at: at.toISOString(), verb, person, role, gate, attempt, factsHash, scope, reason, outcome, detail };
}

function reportException({
  id,
  wave,
  object,
  sourceId,
  account,
  kind,
  message,
  candidates,
  state,
  openedAt,
}: ExceptionRow): ReportException {
  return { id, wave, object, sourceId, account, kind, message, candidates, state, openedAt: openedAt.toISOString() };
}

/** Rollbacks as the trail tells them: each began with its reason, and ended or is under way. */
function rollbacksOf({ events, exceptions }: RunView): readonly ReportRollback[] {
  return events
    .filter(({ kind }) => kind === 'rollbackBegan')
    .map((began) => {
      const ended = events.find((event) => event.kind === 'rolledBack' && event.wave === began.wave && event.id > began.id) ?? null;
      const { attempt, reason } = began.detail;
      const number = (name: string): number | null => {
        const value = ended?.detail[name];
        return typeof value === 'number' ? value : null;
      };
      const remaining = exceptions.filter(
        (row) =>
          row.wave === began.wave &&
          kindsThat('lastsPastRollback').includes(row.kind) &&
          (ended === null || row.openedAt <= ended.at) &&
          (row.state === 'open' || row.openedAt >= began.at),
      );
      return {
        wave: began.wave ?? '',
        attempt: typeof attempt === 'number' ? attempt : null,
        reason: typeof reason === 'string' ? reason : '',
        beganAt: began.at.toISOString(),
        endedAt: iso(ended?.at ?? null),
        state: typeof ended?.detail['state'] === 'string' ? ended.detail['state'] : null,
        undone: number('undone'),
        kept: number('kept'),
        left: textsIn(ended?.detail['left']),
        remaining: remaining.map(reportException),
      };
    });
}

function equationsIn(value: unknown): readonly Completeness[] {
  return Array.isArray(value) ? (value as readonly Completeness[]) : [];
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
