import { ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { Temporal } from '../../scripts/connect.ts';
import { awaitOutcome } from '../../scripts/send.ts';
import type { MessageOutcome } from '../../contracts/messages.ts';

const message = { run: 'cutover/a/1', signal: 'hold', requestId: 'r', body: '{}' } as const;
const accepted: MessageOutcome = { state: 'accepted', detail: 'held' };

/** A client of Temporal whose queries fail with these errors, one after the other, and are answered from then on. */
function answering(...errors: readonly Error[]): Temporal {
  const left = [...errors];
  const query = (): Promise<MessageOutcome> => {
    const error = left.shift();
    return error === undefined ? Promise.resolve(accepted) : Promise.reject(error);
  };
  const client = { workflow: { getHandle: () => ({ query }) }, withDeadline: (_: number, ask: () => Promise<unknown>) => ask() };
  return { client, namespace: 'default' } as unknown as Temporal;
}

/** What the client makes of a call that ended with this gRPC status. */
const failed = (code: number): Error =>
  new ServiceError('Failed to query Workflow', { cause: Object.assign(new Error('x'), { code, details: 'x', metadata: {} }) });

test.each([1, 2, 3, 4, 8, 9, 10, 13, 14])(
  'a message that was sent is asked about again after a query ended with gRPC status %i',
  async (code) => {
    expect(await awaitOutcome(answering(failed(code)), message, 5_000)).toEqual(accepted);
  },
);

test.each([5, 7, 16])('that a run is gone or may not be asked, gRPC status %i, is told at once', async (code) => {
  await expect(awaitOutcome(answering(failed(code)), message, 5_000)).rejects.toThrow('Failed to query');
});

test('a message to a run that is not there any more is not waited for', async () => {
  const gone = new WorkflowNotFoundError('no such run', 'cutover/a/1', undefined);
  await expect(awaitOutcome(answering(gone), message, 5_000)).rejects.toThrow('no such run');
});
