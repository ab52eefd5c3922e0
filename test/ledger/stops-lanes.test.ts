import { describe, expect, test } from 'vitest';
import { ledger, other, ref, say, scope, state, useDesk } from './desk.ts';

useDesk();

describe('a hold, a guard and a rollback take the tokens of what they stop, where they are recorded', () => {
  async function claimed(kind: 'load' | 'undo' | 'probe', wave = 'east'): Promise<{ readonly lane: number; readonly token: number }> {
    await state(wave, kind === 'undo' ? 'undoing' : 'loading');
    const [lane = 0] = await ledger().lanes.plan({ run: ref.run, wave, attempt: 1, kind, object: 'customers' }, ['A'], 10);
    const claim = await ledger().lanes.claim(lane, 60_000);
    if (!('token' in claim)) throw new Error(`the lane is ${claim.refused}`);
    return { lane, token: claim.token };
  }
  const intend = ({ lane, token }: { readonly lane: number; readonly token: number }): Promise<unknown> =>
    ledger().calls.intend({ scope: scope(), run: ref.run, wave: 'east', attempt: 1, lane, token }, [], 1_000);
  const nothingOpened = { opened: [], taken: [], barred: [] };
  const breach = (answer: 'pause' | 'rollback') => ({
    ...({ guard: 'writeErrors', wave: 'east', attempt: 1, segment: 1, verdict: 'breach', warn: false, secondLook: false } as const),
    ...{ reason: '3 of 9 failed.', k: 3, n: 9, eValue: null, answer },
  });
  const pause = (answer: 'pause' | 'rollback') => other().guards.store(ref.run, breach(answer));

  test('an intent after a hold is held, is claimed again after the resume, and another hold keeps it', async () => {
    const before = await claimed('load');
    expect(await intend(before)).toEqual(nothingOpened);
    await say('hold');
    await say('hold', { scope: 'east' });
    expect(await intend(before)).toBe('held');
    expect(await ledger().lanes.claim(before.lane, 60_000)).toEqual({ refused: 'held' });
    expect(await say('resume', { holds: [1] })).toMatchObject({ accepted: true });
    expect(await ledger().lanes.claim(before.lane, 60_000)).toEqual({ refused: 'held' });
    expect(await say('resume', { holds: 'all' })).toMatchObject({ accepted: true });
    expect(await intend(before)).toBe('held');
    const after = await ledger().lanes.claim(before.lane, 60_000);
    expect(await intend({ lane: before.lane, token: 'token' in after ? after.token : 0 })).toEqual(nothingOpened);
  });

  test('a pause of a guard is a hold from the moment its breach is stored, and its resume answers the breach', async () => {
    const lane = await claimed('load');
    await pause('pause');
    expect(await intend(lane)).toBe('held');
    expect((await ledger().holds.standing(ref.run)).holds).toMatchObject([{ source: 'guard', reason: 'writeErrors: 3 of 9 failed.' }]);
    expect(await ledger().guards.unanswered(ref.run, 'east')).toEqual(['writeErrors']);
    await say('resume', { holds: [1] });
    expect(await ledger().guards.unanswered(ref.run, 'east')).toEqual([]);
  });

  test('a lane that a worker had done before it died is stopped like any other while its next worker has it', async () => {
    const { lane, token } = await claimed('load');
    await ledger().lanes.finish(lane, token);
    const after = await ledger().lanes.claim(lane, 60_000);
    const next = { lane, token: 'token' in after ? after.token : 0 };
    await ledger().lanes.finish(lane, token);
    await say('hold');
    expect(await intend(next)).toBe('held');
  });

  test('a rollback by a guard that judged a wave before its switch holds the run where the switch has begun since', async () => {
    await state('east', 'switching');
    expect(await ledger().guards.store(ref.run, breach('rollback'), null, 'frozen')).toBe('hold');
    const { holds, stops } = await ledger().holds.standing(ref.run);
    expect(holds).toMatchObject([{ source: 'guard', reason: expect.stringContaining('has begun to switch since') as unknown }]);
    expect(stops).toEqual([]);
  });

  test.each(['a rollback of a person', 'a rollback of a guard'])('%s ends the attempt: nothing of it is claimed again', async (who) => {
    const lane = await claimed('load');
    if (who.endsWith('guard')) await pause('rollback');
    else expect(await say('rollback', { scope: 'east' })).toMatchObject({ accepted: true });
    expect(await intend(lane)).toBe('fenced');
    expect(await ledger().lanes.claim(lane.lane, 60_000)).toEqual({ refused: 'fenced' });
  });

  test('an undo and the probes on canaries go on', async () => {
    const [undo, probe] = [await claimed('undo'), await claimed('probe')];
    await say('hold');
    expect(await intend(undo)).toEqual(nothingOpened);
    expect(await intend(probe)).toEqual(nothingOpened);
  });
});
