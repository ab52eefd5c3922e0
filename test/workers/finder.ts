import { CancellationScope, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { startOrFind } from '../../workflows/child.ts';

const turnSignal = defineSignal('turn');

/** A child that is under way for as long as the test lasts. */
export async function underWay(): Promise<void> {
  await condition(() => false);
}

/** Looks for that child as a run does, and is told to turn round in the same moment. Returns whether the child was found. */
export async function finder(workflowId: string): Promise<boolean> {
  const scope = new CancellationScope({ cancellable: true });
  setHandler(turnSignal, () => {
    scope.cancel();
  });
  const child = await scope.run(() => startOrFind({ workflow: underWay, workflowId, args: [], summary: 'under way' }));
  return child === null;
}
