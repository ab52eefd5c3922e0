import { sleep } from '@temporalio/workflow';
import { cutover as olderCutover } from '../../workflows/cutover.ts';
import { wave as olderWave } from '../../workflows/wave.ts';

export { load } from '../../workflows/load.ts';
export { rollback } from '../../workflows/rollback.ts';
export { watch } from '../../workflows/watch.ts';

/** What the newer version does that the older one does not: no history of the older one can be replayed on it. */
const newStep = 'a step of the newer version';

/** The run as a newer version has it; its handlers are set as soon as before. */
export function cutover(...args: Parameters<typeof olderCutover>): Promise<string> {
  void sleep(1, { summary: newStep });
  return olderCutover(...args);
}

/** A wave as a newer version has it. */
export function wave(...args: Parameters<typeof olderWave>): ReturnType<typeof olderWave> {
  void sleep(1, { summary: newStep });
  return olderWave(...args);
}
