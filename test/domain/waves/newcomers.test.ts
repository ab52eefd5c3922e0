import { describe, expect, test } from 'vitest';
import { newcomersSchema, staysAsNewcomer, type NewcomerFacts } from '../../../domain/waves/newcomers.ts';
import { waveStates } from '../../../domain/waves/state.ts';

const facts: NewcomerFacts = { rule: 'stay', lastWave: 'switched', named: new Set(['ALFKI']), read: new Set(['ALFKI', 'EARLY']) };

describe('an account that comes up in legacy during the run', () => {
  test('stays by the rule once the last wave has switched without it, and goes with that wave where it can still run', () => {
    expect(waveStates.filter((lastWave) => staysAsNewcomer('LATE', { ...facts, lastWave }))).toEqual(['switched', 'closed']);
  });

  test.each([
    ['the plan has no such rule', 'LATE', { rule: 'lastWave' }],
    ['the plan names the account', 'ALFKI', { read: new Set<string>() }],
    ['a wave has read it', 'EARLY', {}],
  ] as const)('does not stay where %s', (_, account, changes) => {
    expect(staysAsNewcomer(account, { ...facts, ...changes })).toBe(false);
  });

  test('goes with the last wave or stays, and nothing else', () => {
    expect(newcomersSchema.safeParse('stay').success).toBe(true);
    expect(newcomersSchema.safeParse('leave').success).toBe(false);
  });
});
