import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import {
  effectStatuses,
  everAppliedStatuses,
  mayCall,
  openStatuses,
  settle,
  standingStatuses,
  type CallState,
} from '../../../domain/effects/outcome.ts';

const open: CallState = { status: 'intended', callOpen: true, inTime: true, otherTarget: false, otherOwner: false };
const answers = ['applied', 'unchanged', 'rejected', 'unknown', 'absent', 'ambiguous'] as const;
const calls: fc.Arbitrary<CallState> = fc.record({
  status: fc.constantFrom(...effectStatuses),
  callOpen: fc.boolean(),
  inTime: fc.boolean(),
  otherTarget: fc.boolean(),
  otherOwner: fc.boolean(),
});

describe('an answer to an open call', () => {
  test.each(answers)('%s is the status of its effect', (answer) => {
    expect(settle(open, answer).status).toBe(answer);
    expect(settle({ ...open, status: 'unknown' }, answer).status).toBe(answer);
  });

  test('closes the call, unless it is none', () => {
    expect(answers.filter((answer) => settle(open, answer).closesCall)).toEqual(answers.filter((answer) => answer !== 'unknown'));
  });

  test('lets the crosswalk follow a write, and nothing else', () => {
    expect(answers.map((answer) => settle(open, answer).crosswalk)).toEqual(['follows', 'follows', 'stays', 'stays', 'stays', 'stays']);
  });
});

describe('a write', () => {
  test.each([{ callOpen: false }, { status: 'absent' as const }, { inTime: false }, { otherTarget: true }, { otherOwner: true }])(
    'is late where %j',
    (change) => {
      expect(settle({ ...open, ...change }, 'applied').crosswalk).toBe('late');
      expect(settle({ ...open, ...change }, 'unchanged').crosswalk).toBe('late');
    },
  );

  test('that is late counts for its effect all the same, so that a rollback takes it back', () => {
    expect(settle({ ...open, inTime: false }, 'applied').status).toBe('applied');
    expect(settle({ ...open, otherTarget: true }, 'applied').status).toBe('applied');
  });

  test('that reached a record of another owner is ambiguous: never sent again, and no rollback takes it back', () => {
    expect(settle({ ...open, otherOwner: true }, 'applied').status).toBe('ambiguous');
    expect(settle({ ...open, otherOwner: true }, 'rejected').status).toBe('rejected');
  });

  test('is never passed over: the crosswalk follows it or it is late', () => {
    fc.assert(
      fc.property(calls, fc.constantFrom('applied' as const, 'unchanged' as const), (call, answer) =>
        ['follows', 'late'].includes(settle(call, answer).crosswalk),
      ),
    );
  });
});

test('an answer to a closed call moves no status and closes nothing', () => {
  fc.assert(
    fc.property(calls, fc.constantFrom(...answers), (call, answer) => {
      const { status, closesCall, crosswalk } = settle({ ...call, callOpen: false }, answer);
      expect([status, closesCall, crosswalk === 'follows']).toEqual([call.status, false, false]);
    }),
  );
});

test('what is settled stays as it is, whatever is said of it', () => {
  fc.assert(
    fc.property(
      calls.filter(({ status }) => !openStatuses.includes(status)),
      fc.constantFrom(...answers),
      (call, answer) => settle(call, answer).status === call.status,
    ),
  );
});

test('an effect is open, or it stands, or it may be called, or it has ended for good', () => {
  const kinds = effectStatuses.map((status) => [openStatuses.includes(status), standingStatuses.includes(status), mayCall(status)]);
  expect(kinds.every((kind) => kind.filter(Boolean).length <= 1)).toBe(true);
  expect(effectStatuses.filter((_, index) => kinds[index]?.every((kind) => !kind))).toEqual([
    'ambiguous',
    'undone',
    'kept',
    'irreversible',
  ]);
});

test('what was taken back, kept or could not be taken back stood at some time', () => {
  expect(everAppliedStatuses).toEqual(['applied', 'unchanged', 'undone', 'kept', 'irreversible']);
});
