import { carry } from '../carry.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import type { Run } from '../run/state.ts';
import { enter, setupOf } from '../steps.ts';

/** The pilot in shadow: legacy stays the book, both books are compared; it ends in the pilot's switch. */
export async function parallelRun(run: Run, idle: IdleRollbacks): Promise<void> {
  const { pilot: name } = setupOf(run);
  await enter(run, 'parallelRun');
  await idle.settled();
  if (run.switched.has(name)) return;
  // A later attempt may have to be loaded first; a load that has ended is found so.
  await carry(run, name, run.hadPassed('pilot') ? ['pilot', 'parallelRun'] : ['parallelRun'], ['pilot', 'parallelRun']);
}
