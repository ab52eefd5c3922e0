import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { judgeGate, openGate } from '../../activities/gates/gate.ts';
import { recordDecisions } from '../../activities/gates/record-decisions.ts';
import { raiseWave } from '../../activities/rollback/raise.ts';
import { standingOf, waveStands } from '../../activities/run/take-up.ts';
import type { Deps } from '../../activities/deps.ts';
import type { GateCall, GateJudgement, Recorded } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { WaveMovedOn } from '../../domain/waves/moved-on.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inActivity, unused } from '../activities/alone.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';

const [plan, env] = [samplePlan((raw) => (raw.gates.retry.limits = [{ metric: 'openExceptions', max: 0 }])), sampleEnv()];
let own: OwnLedger;
/** Two pools, as two workers have them. */
let [ours, theirs]: readonly Ledger[] = [];
let url = '';
let ref: RunRef;
let runs = 0;
/** Called while a gate measures, after its votes were counted: where the schedules of this page cut in. */
let whileMeasuring: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  own = await ownLedger();
  ({ url } = own);
  [ours, theirs] = [openLedger(url), openLedger(url)];
});
afterAll(async () => {
  await ours?.close();
  await theirs?.close();
  await own.drop();
});

const ledger = (): Ledger => {
  if (ours === undefined) throw new Error('the ledger is not open');
  return ours;
};
const other = (): Ledger => {
  if (theirs === undefined) throw new Error('the ledger is not open');
  return theirs;
};
const depsOn = (on: Ledger): Deps => {
  const usage = async (): Promise<{ used: number; limit: null }> => {
    await whileMeasuring();
    return { used: 0, limit: null };
  };
  const source = { capabilities: { freeze: null } } as never;
  return {
    ledger: on,
    systems: () => Promise.resolve({ plan, env, source, archive: unused, target: () => ({ usage }) as never }),
    point: () => undefined,
  };
};
const gate = (): GateCall => ({ ...ref, gate: 'retry-pilot', kind: 'retry', wave: 'pilot' });

/** A run whose pilot was taken back, at its retry gate, with the goes of everybody. */
beforeEach(async () => {
  runs += 1;
  whileMeasuring = () => Promise.resolve();
  ref = { run: `cutover/sample/${String(runs)}`, planHash: documentHash(plan), envHash: documentHash(env) };
  await ledger().runs.storeDocument(ref.planHash, 'plan', plan);
  await ledger().runs.storeDocument(ref.envHash, 'env', env);
  await ledger().runs.open(ref.run, ref.planHash, ref.envHash);
  await ledger().runs.bindScope(ref.run, `scope ${String(runs)}`, 0);
  await ledger().waves.plan(ref.run, ['shared', 'pilot', 'east']);
  await state('pilot', 'rolledBack');
  await ledger().runs.beatGuard(ref.run);
  await inActivity(() => openGate(depsOn(ledger()))(gate()));
});
afterEach(() => {
  whileMeasuring = () => Promise.resolve();
});

function state(wave: string, to: string): Promise<unknown> {
  return askDatabase(url, [`update wave set state = '${to}' where run = '${ref.run}' and name = '${wave}'`]);
}

/** Records one decision through the other connection, as the clerk's activity does. */
async function say(verb: string, more: Readonly<Record<string, unknown>> = {}, by = 'ada', role = 'finance'): Promise<Recorded> {
  const body = JSON.stringify({ requestId: randomUUID(), run: ref.run, verb, by, role, reason: 'a schedule', ...more });
  const signal = verb === 'go' || verb === 'noGo' ? 'decide' : verb;
  const [recorded] = await recordDecisions(depsOn(other()))(ref, [{ signal, body }]);
  if (recorded === undefined) throw new Error('nothing was recorded');
  return recorded;
}
async function sayGo(): Promise<void> {
  const row = await ledger().gates.latest(ref.run, 'retry-pilot');
  const bound = { gate: 'retry-pilot', attempt: row?.attempt, factsHash: row?.factsHash };
  for (const [by, role] of [
    ['ada', 'finance'],
    ['bo', 'it'],
  ] as const)
    expect(await say('go', bound, by, role)).toMatchObject({ accepted: true });
}
const look = (): Promise<GateJudgement> => inActivity(() => judgeGate(depsOn(ledger()))(gate(), 1));
const gateState = async (): Promise<string | undefined> => (await ledger().gates.latest(ref.run, 'retry-pilot'))?.state;

describe('a stop verb that commits while a gate measures wins over the quorum', () => {
  test('with nothing in between the gate opens, and who takes the run up until the next attempt begins asks nobody again', async () => {
    const decided = async (): Promise<unknown> =>
      (await standingOf(depsOn(ledger()), ref)).waves.map(({ name, isRetryDecided }) => [name, isRetryDecided]);
    await sayGo();
    expect(await decided()).toContainEqual(['pilot', false]);
    expect(await look()).toMatchObject({ state: 'go' });
    expect(await gateState()).toBe('go');
    expect(await decided()).toContainEqual(['pilot', true]);
    await askDatabase(url, [`update wave set attempt = 2 where run = '${ref.run}' and name = 'pilot'`]);
    expect(await decided()).toContainEqual(['pilot', false]);
  });

  test('a no-go', async () => {
    await sayGo();
    whileMeasuring = () => say('noGo');
    expect(await look()).toMatchObject({ state: 'noGo' });
    expect(await gateState()).toBe('noGo');
  });

  test.each([
    ['a hold of the run', 'hold', {}],
    ['a hold of the wave', 'hold', { scope: 'pilot' }],
    ['a rollback of the run', 'rollback', { scope: 'run' }],
  ])('%s keeps it shut, and its votes', async (_, verb, more) => {
    await sayGo();
    let recorded: Recorded | null = null;
    whileMeasuring = async () => (recorded ??= await say(verb, more));
    expect(await look()).toMatchObject({ state: 'settling' });
    expect(recorded).toMatchObject({ accepted: true });
    expect(await gateState()).toBe('open');
  });

  test('a hold of another wave does not', async () => {
    await sayGo();
    whileMeasuring = () => say('hold', { scope: 'east' });
    expect(await look()).toMatchObject({ state: 'go' });
  });

  test('a newer attempt of the gate', async () => {
    await sayGo();
    let opened = false;
    whileMeasuring = async () => {
      if (opened) return;
      opened = true;
      await inActivity(() => openGate(depsOn(other()))(gate()));
    };
    expect(await look()).toMatchObject({ state: 'remeasure' });
    expect((await ledger().gates.all(ref.run)).map(({ attempt, state: at }) => [attempt, at])).toEqual([
      [1, 'superseded'],
      [2, 'open'],
    ]);
  });

  test('a quorum that is gone, and another attempt of the wave', async () => {
    await sayGo();
    whileMeasuring = () => askDatabase(url, [`update decision set outcome = 'refused' where run = '${ref.run}' and person = 'bo'`]);
    expect(await look()).toMatchObject({ state: 'waiting', waiting: { missing: ['it'] } });
    whileMeasuring = () =>
      askDatabase(url, [
        `update decision set outcome = 'accepted' where run = '${ref.run}' and person = 'bo'`,
        `update wave set attempt = 2 where run = '${ref.run}' and name = 'pilot'`,
      ]);
    await askDatabase(url, [`update decision set outcome = 'accepted' where run = '${ref.run}' and person = 'bo'`]);
    expect(await look()).toMatchObject({ state: 'moot' });
  });
});

describe('two connections at one lock: whoever commits first wins, and the other one sees it', () => {
  let blocker: pg.Client;
  beforeEach(async () => {
    await sayGo();
    blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query(`select 1 from run where id = '${ref.run}' for no key update`);
  });
  afterEach(() => blocker.end());

  /** Waits until so many sessions queue for a lock, so that their order is the one of this schedule. */
  async function queued(sessions: number): Promise<void> {
    for (let count = 0; count < sessions;) {
      const { rows } = await blocker.query<{ n: string }>(`select count(*) as n from pg_stat_activity where wait_event_type = 'Lock'`);
      count = Number(rows[0]?.n ?? 0);
    }
  }
  const letThrough = (): Promise<{ readonly act: string }> =>
    ledger().gates.letThrough({ run: ref.run, gate: 'retry-pilot', attempt: 1 }, ['finance', 'it']);

  test('the no-go first: the opening finds the gate ended', async () => {
    const stop = say('noGo');
    await queued(1);
    const opening = letThrough();
    await queued(2);
    await blocker.query('commit');
    expect(await stop).toMatchObject({ accepted: true });
    expect(await opening).toEqual({ act: 'ended', state: 'noGo' });
  });

  test('the opening first: the no-go is refused, because no gate is open, and says what to use', async () => {
    const opening = letThrough();
    await queued(1);
    const stop = say('noGo');
    await queued(2);
    await blocker.query('commit');
    expect(await opening).toEqual({ act: 'open' });
    expect(await stop).toMatchObject({ accepted: false, detail: 'No gate is open to which a no-go could be given; use hold or rollback.' });
  });
});

describe('a hold, a guard and a rollback take the tokens of what they stop, where they are recorded', () => {
  async function claimed(kind: 'load' | 'undo' | 'probe', wave = 'east'): Promise<{ readonly lane: number; readonly token: number }> {
    await state(wave, kind === 'undo' ? 'undoing' : 'loading');
    const [lane = 0] = await ledger().lanes.plan({ run: ref.run, wave, attempt: 1, kind, object: 'customers' }, ['A'], 10);
    const claim = await ledger().lanes.claim(lane, 60_000);
    if (!('token' in claim)) throw new Error(`the lane is ${claim.refused}`);
    return { lane, token: claim.token };
  }
  const intend = ({ lane, token }: { readonly lane: number; readonly token: number }): Promise<unknown> =>
    ledger().calls.intend({ scope: `scope ${String(runs)}`, run: ref.run, wave: 'east', attempt: 1, lane, token }, [], 1_000);
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
    const scope = `scope ${String(runs)}`;
    const isClosing = async (): Promise<boolean> => (await standingOf(depsOn(ledger()), ref)).isClosing;
    await askDatabase(url, [`update gate set kind = 'close', gate = 'close', state = 'go' where run = '${ref.run}'`]);
    expect(await isClosing()).toBe(true);
    await state('pilot', 'planned');
    expect(await isClosing()).toBe(false);
    for (const account of ['ALFKI', 'ERNSH'])
      await askDatabase(url, [
        `insert into book (scope, account, run, wave, book) values ('${scope}', '${account}', 'cutover/sample/0', 'pilot', 'target')`,
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
