import { longRun } from '../activity-proxies.ts';
import type { Run } from '../run/state.ts';
import { enter } from '../steps.ts';

/** The full baseline of what moves, and the write-once archive of what does not. Waves an earlier run has switched count as switched. */
export async function finalExport(run: Run): Promise<void> {
  await enter(run, 'finalExport', { step: 'baseline and archive' });
  const { done } = await longRun('full baseline and archive').exportAll(run.ref);
  for (const wave of done) run.switched.add(wave);
}
