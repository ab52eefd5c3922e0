import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isStopVerb, maxDecisionBytes, readDecision } from '../../../domain/gates/decision.ts';

const go = {
  requestId: 'request-1',
  run: 'cutover/northwind/1',
  verb: 'go',
  gate: 'switch/pilot',
  attempt: 1,
  factsHash: 'a'.repeat(64),
  by: 'ada',
  role: 'finance',
  reason: ' checked ',
};
const refusalOf = (raw: unknown): string => {
  const read = readDecision(raw);
  return read.ok ? 'accepted' : read.refusal;
};

describe('a message that is a decision', () => {
  test('is read, its reason trimmed', () => {
    expect(readDecision(go)).toEqual({ ok: true, decision: { ...go, reason: 'checked' } });
  });

  test('may stop or resume a run without naming a gate', () => {
    const rest = { ...go, gate: undefined, attempt: undefined, factsHash: undefined };
    for (const verb of ['hold', 'noGo']) expect(readDecision({ ...rest, verb }).ok).toBe(true);
    expect(readDecision({ ...rest, verb: 'rollback', scope: 'run' }).ok).toBe(true);
    for (const holds of ['all', [1, 2]]) expect(readDecision({ ...rest, verb: 'resume', holds }).ok).toBe(true);
  });

  test('may hold an empty place for a signature', () => {
    for (const signature of ['', null, undefined]) expect(readDecision({ ...go, signature }).ok).toBe(true);
  });
});

describe('a message that is none', () => {
  test.each([
    [{ ...go, gate: undefined }, 'The decision was not understood: gate: a go names its gate.'],
    [{ ...go, attempt: undefined }, 'The decision was not understood: attempt: a go names the attempt of the gate.'],
    [{ ...go, factsHash: undefined }, 'The decision was not understood: factsHash: a go names the facts it was given on.'],
    [{ ...go, verb: 'rollback' }, 'The decision was not understood: scope: a rollback names its scope: run, or a wave.'],
    [{ ...go, verb: 'resume' }, 'The decision was not understood: holds: a resume names the holds it lifts, or all.'],
    [{ ...go, signature: 'x' }, 'The decision was not understood: signature: signatures are not accepted yet; leave it out.'],
    [{ ...go, reason: '  ' }, 'The decision was not understood: reason: say why.'],
    [{ ...go, reason: 'x'.repeat(501) }, 'The decision was not understood: reason: say it in at most 500 characters.'],
    [{ ...go, requestId: 'short' }, 'The decision was not understood: requestId: use 8 to 64 letters, digits, dashes or underscores.'],
  ])('%# is refused with what is wrong', (raw, refusal) => {
    expect(refusalOf(raw)).toBe(refusal);
  });

  test('is refused by the field when a value or a key is unknown', () => {
    expect(refusalOf({ ...go, verb: 'maybe' })).toContain('verb: ');
    expect(refusalOf({ ...go, role: 'boss' })).toContain('role: ');
    expect(refusalOf({ ...go, verbs: 'go' })).toContain('verbs');
  });

  test('is refused as a whole when it is no record', () => {
    for (const raw of ['go', 7, null, []]) expect(refusalOf(raw)).toContain('message: ');
    expect(refusalOf(undefined)).toBe('The decision was not understood: it cannot be read as JSON.');
  });

  test('is refused by its size before it is looked at', () => {
    const large = { ...go, reason: 'x'.repeat(maxDecisionBytes) };
    expect(refusalOf(large)).toBe(
      `The decision was not understood: it has ${String(JSON.stringify(large).length)} bytes, and 4096 are allowed.`,
    );
  });

  test('never repeats what was sent', () => {
    expect(refusalOf({ ...go, by: 'Ada Lovelace', role: 'hunter2', verb: 'hunter2' })).not.toMatch(/Ada|hunter2/);
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true }), (raw) => !readDecision(raw).ok),
    );
    let reads = 0;
    const fickle = {
      ...go,
      get by(): string {
        if ((reads += 1) > 1) throw new Error('no');
        return 'ada';
      },
    };
    expect(refusalOf(fickle)).toBe('The decision was not understood: reading it failed.');
  });
});

test('only no-go, hold and rollback stop', () => {
  expect(['go', 'noGo', 'hold', 'resume', 'rollback', 'other', null].filter(isStopVerb)).toEqual(['noGo', 'hold', 'rollback']);
});
