import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { openGate } from '../../activities/gates/gate.ts';
import { recordDecisions } from '../../activities/gates/record-decisions.ts';
import { raiseWave } from '../../activities/rollback/raise.ts';
import { standingOf, waveStands } from '../../activities/run/take-up.ts';
import type { Recorded } from '../../contracts/activities.ts';
import { WaveMovedOn } from '../../domain/waves/moved-on.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inActivity } from '../activities/alone.ts';
import { depsOn, gate, ledger, other, ref, say, scope, state, url, useDesk } from './desk.ts';

useDesk();

test('a resume of what is not held, and a rollback of a wave that never began, are refused with a sentence and change nothing', async () => {
  expect(await say('resume', { holds: 'all' })).toMatchObject({
    accepted: false,
    detail: 'Nothing is held, so there is nothing to resume.',
  });
  expect(await say('rollback', { scope: 'east' })).toMatchObject({
    accepted: false,
    detail: expect.stringContaining('has not begun') as never,
  });
  expect(await ledger().holds.standing(ref.run)).toEqual({ holds: [], stops: [] });
});

test('the rollback of a wave leaves its open gate moot, like every gate that nobody needs to answer any more', async () => {
  await state('east', 'shadow');
  const east = { run: ref.run, wave: 'east', waveAttempt: 1, gate: 'switch-east', kind: 'switch' } as const;
  const evidence = { facts: {} as never, factsHash: '', shut: [], notices: [] };
  await ledger().gates.open({ ...east, ...evidence, deadlineMs: null, validityMs: 60_000, call: 'call' });
  expect(await ledger().waves.raise('back/east/1', { run: ref.run, wave: 'east', attempt: 1 })).toBe(true);
  expect((await ledger().gates.latest(ref.run, 'switch-east'))?.state).toBe('moot');
});

test('a no-go during a hold stands, and the resume says that the wave will be taken back', async () => {
  await askDatabase(url, [`update gate set kind = 'switch', gate = 'switch-pilot' where run = '${ref.run}'`]);
  await state('pilot', 'frozen');
  await say('hold');
  await say('noGo');
  expect((await ledger().holds.standing(ref.run)).stops).toMatchObject([{ verb: 'noGo', scope: 'pilot', person: 'ada' }]);
  const { detail } = await say('resume', { holds: [1] });
  expect(detail).toContain('Wave pilot will be taken back, because a no-go of wave pilot by ada (finance) stands');
});

test('a wave that a no-go has taken back is told as that by a resume, and its retry gate tells who said no-go, when and why', async () => {
  await askDatabase(url, [`update gate set kind = 'switch', gate = 'switch-pilot' where run = '${ref.run}'`]);
  await state('pilot', 'frozen');
  await say('noGo', { reason: 'the warehouse is not ready' }, 'bo', 'it');
  await raiseWave(depsOn(ledger()))({ ...ref, wave: 'pilot', attempt: 1 }, 'pilot-1-noGo', 'no-go at its gate');
  expect((await ledger().holds.standing(ref.run)).stops).toMatchObject([{ verb: 'noGo', back: 'underWay' }]);
  await state('pilot', 'rolledBack');
  await say('hold');
  const { detail } = await say('resume', { holds: 'all' });
  expect(detail).toContain('Wave pilot has been taken back; its retry gate decides about its next attempt.');
  expect(detail).not.toContain('will be taken back');
  await inActivity(() => openGate(depsOn(ledger()))(gate()));
  expect((await ledger().gates.latest(ref.run, 'retry-pilot'))?.facts.takenBack?.reason).toMatch(
    /^no-go by bo \(it\) at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: the warehouse is not ready$/,
  );
});

test('a wave does not begin over a rollback, nor a switch over a no-go, a rollback or a hold', async () => {
  const east = { run: ref.run, wave: 'east', attempt: 1 };
  await say('rollback', { scope: 'run' });
  await expect(ledger().waves.move(east, 'loading')).rejects.toThrow('can no longer become loading');
  await askDatabase(url, [`delete from stop where run = '${ref.run}'`]);
  await say('hold');
  await ledger().waves.move(east, 'loading');
  await state('east', 'frozen');
  await expect(ledger().waves.move(east, 'switching')).rejects.toThrow('it goes on after the resume');
  await say('resume', { holds: 'all' });
  await say('rollback', { scope: 'east' });
  await expect(ledger().waves.move(east, 'switching')).rejects.toThrow('can no longer become switching');
  await askDatabase(url, [`delete from stop where run = '${ref.run}'`]);
  await ledger().waves.move(east, 'switching');
});

test.each([
  ['a no-go', 'noGo', { gate: 'switch-pilot', attempt: 1 }],
  ['a rollback', 'rollback', { scope: 'pilot' }],
])('a wave that %s orders back is neither gone on with by whoever takes it up, nor frozen', async (_, verb, more) => {
  const pilot = { ...ref, wave: 'pilot', attempt: 1 };
  await askDatabase(url, [`update gate set kind = 'switch', gate = 'switch-pilot' where run = '${ref.run}'`]);
  await state('pilot', 'frozen');
  expect(await waveStands(depsOn(ledger()))(pilot)).toMatchObject({ isPresent: true, stop: null });
  expect(await ledger().freezes.begin(pilot, ['ALFKI'], 60_000)).toMatchObject({ generation: 1 });
  expect(await say(verb, more)).toMatchObject({ accepted: true });
  expect(await waveStands(depsOn(ledger()))(pilot)).toMatchObject({ isPresent: false, stop: { verb, scope: 'pilot' } });
  await expect(ledger().freezes.begin(pilot, ['ALFKI'], 60_000)).rejects.toThrow(WaveMovedOn);
  expect(await askDatabase(url, [`select generation from wave where run = '${ref.run}' and name = 'pilot'`])).toEqual([
    [{ generation: 1 }],
  ]);
});

test('a rollback of a wave that comes once more, after it was carried out and the next attempt has begun, is carried out no more', async () => {
  await state('pilot', 'shadow');
  const requestId = randomUUID();
  const order = (): Promise<Recorded> => say('rollback', { scope: 'pilot', requestId });
  for (const answer of [await order(), await order()]) expect(answer).toMatchObject({ accepted: true, verb: 'rollback', scope: 'pilot' });
  await raiseWave(depsOn(ledger()))({ ...ref, wave: 'pilot', attempt: 1 }, requestId, 'a schedule');
  await state('pilot', 'rolledBack');
  expect(await order()).toMatchObject({ accepted: true, verb: null });
  expect(await ledger().waves.begin({ ...ref, wave: 'pilot', attempt: 2 }, 'attempt')).toBe('begun');
  expect(await order()).toMatchObject({ accepted: true, verb: null });
  expect(await say('rollback', { scope: 'run' })).toMatchObject({ accepted: true, verb: 'rollback' });
});

describe('at the end of the run', () => {
  beforeEach(async () => {
    for (const wave of ['shared', 'pilot', 'east']) await state(wave, 'switched');
  });
  const waveStates = async (): Promise<readonly string[]> => (await ledger().waves.all(ref.run)).map((wave) => wave.state);

  test.each([
    ['a hold', 'hold', {}],
    ['a hold of one wave', 'hold', { scope: 'east' }],
    ['the rollback of a wave', 'rollback', { scope: 'east' }],
    ['the rollback of the run', 'rollback', { scope: 'run' }],
  ])('%s that was accepted after the go of the close gate keeps its waves from being closed', async (_, verb, more) => {
    expect(await say(verb, more)).toMatchObject({ accepted: true });
    expect(await ledger().runs.closeWaves(ref.run)).toBe(false);
    expect(await waveStates()).not.toContain('closed');
  });

  test('who takes the run up after the go of the close gate asks nobody again, also where an earlier run had switched one of the waves', async () => {
    const isClosing = async (): Promise<boolean> => (await standingOf(depsOn(ledger()), ref)).isClosing;
    await askDatabase(url, [`update gate set kind = 'close', gate = 'close', state = 'go' where run = '${ref.run}'`]);
    expect(await isClosing()).toBe(true);
    await state('pilot', 'planned');
    expect(await isClosing()).toBe(false);
    for (const account of ['ALFKI', 'ERNSH'])
      await askDatabase(url, [
        `insert into book (scope, account, run, wave, book) values ('${scope()}', '${account}', 'cutover/sample/0', 'pilot', 'target')`,
      ]);
    expect(await isClosing()).toBe(true);
  });

  test('once its waves are closed, no stop verb is accepted any more', async () => {
    expect(await ledger().runs.closeWaves(ref.run)).toBe(true);
    expect(await waveStates()).toEqual(['closed', 'closed', 'closed']);
    for (const [verb, more] of [
      ['hold', {}],
      ['rollback', { scope: 'run' }],
      ['rollback', { scope: 'east' }],
    ] as const)
      expect(await say(verb, more)).toMatchObject({ accepted: false, detail: 'The run is closed.' });
    expect(await ledger().runs.closeWaves(ref.run)).toBe(true);
  });
});

test('a message with a character that PostgreSQL does not have is refused or stored, and those after it are recorded', async () => {
  const nul = '\u0000';
  expect(await say('hold', { reason: `a${nul}b` })).toMatchObject({ accepted: false });
  expect(await say('go', { gate: `retry${nul}`, attempt: 1, factsHash: '0'.repeat(64) })).toMatchObject({ accepted: false });
  expect(await say('hold', { [`odd${nul}`]: 1 })).toMatchObject({ accepted: false });
  expect(await say('hold', { reason: 'half of a pair \ud83d' })).toMatchObject({ accepted: true });
  const body = `{"requestId": "${randomUUID()}", "reason": "raw ${nul} \ud83d"`;
  expect(await recordDecisions(depsOn(other()))(ref, [{ signal: 'hold', body }])).toMatchObject([{ accepted: false }]);
  expect(await say('hold')).toMatchObject({ accepted: true });
});
