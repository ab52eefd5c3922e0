import type { ArchivePort, SourcePort } from '../contracts/source.ts';
import type { TargetPort } from '../contracts/adapter.ts';
import type { RunRef } from '../contracts/messages.ts';
import type { PointName } from '../contracts/points.ts';
import type { Env } from '../domain/plan/env.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The plan and env of a run, with its systems connected. */
export interface Systems {
  readonly plan: Plan;
  readonly env: Env;
  readonly source: SourcePort;
  readonly archive: ArchivePort;
  /** A target by its name in the plan. */
  target(system: string): TargetPort;
  /** Waits until the next call to a system may be sent, before anything is written down for it; absent where nobody counts calls. */
  readonly ready?: (system: string) => Promise<void>;
}

/** All that activities need from outside; given to every factory by the composition root. */
export interface Deps {
  readonly ledger: Ledger;
  systems(ref: RunRef): Promise<Systems>;
  /** Called at the points where a process may die; does nothing but in tests. */
  point(name: PointName): void;
}

/** What one activity call works on: the run's scope, its systems and the ledger. */
export interface Context extends Deps {
  readonly ref: RunRef;
  readonly scope: string;
  readonly targetSkewMs: number;
  readonly sys: Systems;
}

/** Reads the run and connects its systems; throws where the run has no scope yet (preflight gives it one). */
export async function contextOf(deps: Deps, ref: RunRef): Promise<Context> {
  const [run, sys] = await Promise.all([deps.ledger.runs.get(ref.run), deps.systems(ref)]);
  if (run.scope === null) throw new Error(`run ${ref.run} has not passed preflight`);
  return { ...deps, ref, scope: run.scope, targetSkewMs: run.targetSkewMs, sys };
}
