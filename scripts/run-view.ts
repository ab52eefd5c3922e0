import { sharedWave } from '../contracts/messages.ts';
import type { Standing } from '../domain/gates/stops.ts';
import { envSchema, type Env } from '../domain/plan/env.ts';
import { planSchema, type Plan } from '../domain/plan/plan.ts';
import type { ExceptionRow } from '../ledger/exceptions.ts';
import type { DecisionRow } from '../ledger/decisions.ts';
import type { GateRow } from '../ledger/gates.ts';
import type { VerdictRow } from '../ledger/guards.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunRow } from '../ledger/runs.ts';
import type { TrailEvent } from '../ledger/trail.ts';
import type { WaveRow } from '../ledger/waves.ts';
import { commandLine } from './command-line.ts';
import { CliError, wrongUse } from './cli-error.ts';

/** A run as the ledger has it. Plan and env are null where this version cannot read what was stored. */
export interface RunView {
  readonly run: RunRow;
  readonly plan: Plan | null;
  readonly env: Env | null;
  readonly waves: readonly WaveRow[];
  readonly gates: readonly GateRow[];
  readonly decisions: readonly DecisionRow[];
  readonly verdicts: readonly VerdictRow[];
  readonly exceptions: readonly ExceptionRow[];
  /** Of each kind the newest in each wave; a report reads them all. */
  readonly events: readonly TrailEvent[];
  /** Holds, no-gos and rollbacks that stand now. */
  readonly standing: Standing;
}

/** Reads what the ledger knows of a run; null where no worker has opened it there yet. */
export async function readRun(ledger: Ledger, id: string): Promise<RunView | null> {
  const run = await ledger.runs.find(id);
  if (run === null) return null;
  const [plan, env, waves, gates, decisions, verdicts, exceptions, events, standing] = await Promise.all([
    ledger.runs.document(run.planHash),
    ledger.runs.document(run.envHash),
    ledger.waves.all(id),
    ledger.gates.all(id),
    ledger.decisions.all(id),
    ledger.guards.all(id),
    ledger.exceptions.ofRun(id),
    ledger.trail.newest(id),
    ledger.holds.standing(id),
  ]);
  return {
    run,
    plan: planSchema.safeParse(plan).data ?? null,
    env: envSchema.safeParse(env).data ?? null,
    waves,
    gates,
    decisions,
    verdicts,
    exceptions,
    events,
    standing,
  };
}

/** The newest event of a kind; of a wave, where one is named. */
export function newestEvent(events: readonly TrailEvent[], kind: string, wave?: string): TrailEvent | null {
  return events.findLast((event) => event.kind === kind && (wave === undefined || event.wave === wave)) ?? null;
}

/** Like `readRun`; that the ledger knows no such run is a plain error. */
export async function needRun(ledger: Ledger, id: string): Promise<RunView> {
  const view = await readRun(ledger, id);
  if (view === null)
    throw new CliError(
      `The ledger knows no run ${id}.`,
      `Correct the id, or wait until a worker has opened the run, which it does as its first step. What keeps it from that: ${commandLine('status', id)}`,
    );
  return view;
}

/** The wave that a scope names; one the run does not have is wrong use, and so is the shared one, which goes with the run alone. */
export function needWave({ waves }: RunView, scope: string): WaveRow {
  const own = waves.filter(({ name }) => name !== sharedWave);
  const wave = own.find(({ name }) => name === scope);
  if (wave === undefined)
    throw wrongUse(`The run has no wave ${scope}.`, `Name run, or one of: ${own.map(({ name }) => name).join(', ')}.`);
  return wave;
}
