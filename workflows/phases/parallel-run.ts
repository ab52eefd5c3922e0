import { quickly } from '../activity-proxies.ts';
import { carry } from '../carry.ts';
import type { Run } from '../run.ts';
import { setupOf } from '../steps.ts';

/** The pilot in shadow: legacy stays the book, both books are compared; it ends in the pilot's switch. */
export async function parallelRun(run: Run): Promise<void> {
  const { pilot: name } = setupOf(run);
  run.show({ phase: 'parallelRun' });
  await quickly.enterPhase(run.ref, 'parallelRun');
  if (!run.switched.has(name)) await carry(run, name, ['parallelRun'], ['pilot', 'parallelRun']);
}
