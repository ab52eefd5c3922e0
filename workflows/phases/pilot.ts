import { sharedWave } from '../../contracts/messages.ts';
import { carry } from '../carry.ts';
import type { Run } from '../run/state.ts';
import { enter, gate, holdUntilResumed, setupOf } from '../steps.ts';

/** First the shared records, then, behind the baseline gate, the pilot's load; its documents stay harmless. */
export async function pilot(run: Run): Promise<void> {
  const { pilot: name } = setupOf(run);
  await enter(run, 'pilot');
  await carry(run, sharedWave, ['shared'], ['shared']);
  if (run.standing?.isBaselined !== true)
    while ((await gate(run, 'baseline')) !== 'go')
      await holdUntilResumed(run, 'gate baseline did not get its go', `baseline, attempt ${String(run.gateAttempt)}`);
  if (!run.switched.has(name)) await carry(run, name, ['pilot'], ['pilot']);
}
