import { CancellationScope } from '@temporalio/workflow';

/**
 * Runs the whole body of a workflow so that a request for cancellation in Temporal ends nothing of it: the request is heard, and `heard` is called
 * with it. Called in the first line of every workflow type. Temporal delivers one such request to an execution, and refuses the next.
 */
export function shielded<T>(heard: () => void | Promise<void>, body: () => Promise<T>): Promise<T> {
  const root = CancellationScope.current();
  root.cancelRequested.catch(() => CancellationScope.nonCancellable(async () => heard()));
  return CancellationScope.nonCancellable(body);
}
