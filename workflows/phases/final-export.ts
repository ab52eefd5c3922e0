import { longRun, quickly } from '../activity-proxies.ts';
import type { Run } from '../run.ts';

/** The full baseline of what moves, and the write-once archive of what does not. Waves an earlier run has switched count as switched. */
export async function finalExport(run: Run): Promise<void> {
  run.show({ phase: 'finalExport', step: 'baseline and archive' });
  await quickly.enterPhase(run.ref, 'finalExport');
  const { done } = await longRun('full baseline and archive').exportAll(run.ref);
  for (const wave of done) run.switched.add(wave);
}
