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
    expect(await awaitOutcome(answering(failed(code)), message, 5_000)).toEqual({ outcome: accepted, failure: null });
  },
);

const gone = new WorkflowNotFoundError('no such run', 'cutover/a/1', undefined);

test.each([failed(5), failed(7), failed(16), gone])('that a run is gone or may not be asked is waited for no longer: %s', async (error) => {
  const beganMs = performance.now();
  expect(await awaitOutcome(answering(error), message, 60_000)).toEqual({ outcome: { state: 'unknown' }, failure: error });
  expect(performance.now() - beganMs).toBeLessThan(30_000);
});

test('where nobody tells of it by then, the last failure is told beside it', async () => {
  const errors = Array.from({ length: 100 }, () => failed(14));
  expect(await awaitOutcome(answering(...errors), message, 600)).toEqual({ outcome: { state: 'unknown' }, failure: errors[0] });
});
