import { condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunRef } from '../../contracts/messages.ts';
import { asChild, Children } from '../../workflows/child.ts';

const goSignal = defineSignal('go');

/** A child that ends when it is told to. Its end says which execution of it that was. */
export function endsWhenTold(ref: RunRef): Promise<string> {
  let isTold = false;
  setHandler(goSignal, () => {
    isTold = true;
  });
  return asChild(ref, async () => {
    await condition(() => isTold);
    return workflowInfo().runId;
  });
}

/** A parent that waits for that child. Returns the end it was told. */
export function waitsForEnd(ref: RunRef, child: string): Promise<string> {
  return new Children().run({ workflow: endsWhenTold, workflowId: child, args: [ref], summary: 'ends when it is told to' });
}
