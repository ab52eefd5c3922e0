import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openGate } from '../../activities/gates/gate.ts';
import { standingOf } from '../../activities/run/take-up.ts';
import type { Recorded } from '../../contracts/activities.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inActivity } from '../activities/alone.ts';
import { depsOn, gate, gateState, ledger, look, measureBeside, other, ref, say, sayGo, url, useDesk } from './desk.ts';

useDesk();

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
    measureBeside(() => say('noGo'));
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
    measureBeside(async () => (recorded ??= await say(verb, more)));
    expect(await look()).toMatchObject({ state: 'settling' });
    expect(recorded).toMatchObject({ accepted: true });
    expect(await gateState()).toBe('open');
  });

  test('a hold of another wave does not', async () => {
    await sayGo();
    measureBeside(() => say('hold', { scope: 'east' }));
    expect(await look()).toMatchObject({ state: 'go' });
  });

  test('a newer attempt of the gate', async () => {
    await sayGo();
    let opened = false;
    measureBeside(async () => {
      if (opened) return;
      opened = true;
      await inActivity(() => openGate(depsOn(other()))(gate()));
    });
    expect(await look()).toMatchObject({ state: 'remeasure' });
    expect((await ledger().gates.all(ref.run)).map(({ attempt, state: at }) => [attempt, at])).toEqual([
      [1, 'superseded'],
      [2, 'open'],
    ]);
  });

  test('a quorum that is gone, and another attempt of the wave', async () => {
    await sayGo();
    measureBeside(() => askDatabase(url, [`update decision set outcome = 'refused' where run = '${ref.run}' and person = 'bo'`]));
    expect(await look()).toMatchObject({ state: 'waiting', waiting: { missing: ['it'] } });
    measureBeside(() =>
      askDatabase(url, [
        `update decision set outcome = 'accepted' where run = '${ref.run}' and person = 'bo'`,
        `update wave set attempt = 2 where run = '${ref.run}' and name = 'pilot'`,
      ]),
    );
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
