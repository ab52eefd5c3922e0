import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { NewEffect } from '../../ledger/effect-row.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { storeRun } from '../support/ledger-sample.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

/** Twenty waves of 10,000 records each, in lanes of 1,000; every record was written once. */
const [waves, lanesOfWave, recordsOfLane] = [20, 10, 1_000];

/** Tables that grow with the records; not those that grow with what went wrong. */
const large = ['effect', 'crosswalk', 'image', 'undo_target', 'record'];

const run = 'cutover/reads';
const at = { run, wave: 'wave7', attempt: 1 };
const keys = Array.from({ length: 200 }, (_, index) => `K${String(60_001 + index).padStart(6, '0')}`);
const targetIds = keys.map((key) => `T${key}`);

let own: OwnLedger;
let ledger: Ledger;
let scope = '';
let lane: LaneToken;

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}
let asked: Asked[] = [];
const query = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown;

beforeAll(async () => {
  own = await ownLedger();
  ledger = openLedger(own.url);
  await storeRun(ledger, run, { name: 'reads' }, { name: 'rehearsal' });
  await ledger.runs.beatGuard(run);
  scope = (await ledger.runs.get(run)).scope ?? '';
  await askDatabase(own.url, fill());
  await lookAfterTables();
  const claim = await ledger.lanes.claim(await pilotLane(), 60_000);
  if (!('token' in claim)) throw new Error(`the lane was not claimed: ${claim.refused}`);
  lane = { scope, run, wave: 'pilot', attempt: 1, lane: await pilotLane(), token: claim.token };
  Object.defineProperty(pg.Client.prototype, 'query', {
    value(this: pg.Client, ...args: unknown[]): unknown {
      const [text, values] = args;
      if (typeof text === 'string' && Array.isArray(values) && values.length > 0) asked.push({ text, values });
      return query.apply(this, args);
    },
  });
});
afterAll(async () => {
  Object.defineProperty(pg.Client.prototype, 'query', { value: query });
  await ledger.close();
  await own.drop();
});

/** As autovacuum does, which comes too late for a test; only who owns a table may. */
async function lookAfterTables(): Promise<void> {
  await askDatabase(own.adminUrl, ['vacuum analyze']);
}

let pilot: number | undefined;
async function pilotLane(): Promise<number> {
  pilot ??= (await ledger.lanes.plan({ run, wave: 'pilot', attempt: 1, kind: 'load', object: 'customer' }, ['NEW'], 1))[0];
  return pilot ?? 0;
}

function fill(): readonly string[] {
  const [all, perWave] = [waves * lanesOfWave * recordsOfLane, lanesOfWave * recordsOfLane];
  const each = `(select n, 'K' || lpad(n::text, 6, '0') as key, 'wave' || (n - 1) / ${String(perWave)} + 1 as wave, md5(n::text) as id from generate_series(1, ${String(all)}) n) s`;
  return [
    `insert into lane (run, wave, attempt, kind, object, ordinal, keys) select '${run}', 'wave' || w, 1, 'load', 'customer', l, '{}'
      from generate_series(1, ${String(waves)}) w, generate_series(0, ${String(lanesOfWave - 1)}) l order by w, l`,
    `insert into effect (id, scope, run, wave, attempt, lane, system, object, target_object, source_id, operation, revision, content_hash, fields, target_id, origin, status, turn, closed, closed_at)
      select s.id, '${scope}', '${run}', s.wave, 1, (select id from lane l where l.wave = s.wave and l.ordinal = (s.n - 1) % ${String(perWave)} / ${String(recordsOfLane)}), 'erp', 'customer', 'party',
        s.key, 'create', 1, s.id, '{"code":"' || s.key || '"}', 'T' || s.key, 'created', 'applied', 1, 'applied', clock_timestamp() from ${each} order by s.n`,
    `insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
      select '${scope}', 'customer', s.key, 'erp', 'party', 'T' || s.key, 'created', s.id, s.id, '${run}', s.wave from ${each} order by s.n`,
    `insert into record (scope, object, source_id, revision, account, run, wave, hash, payload, disposition)
      select '${scope}', 'customer', s.key, 1, 'A' || (s.n - 1) / 10, '${run}', s.wave, s.id, '{}', 'move' from ${each} order by s.n`,
    `insert into image (block, ordinals, sealed) select ordinal / 64, array_agg(ordinal), array_agg('{"state":"active","fields":{}}'::text) from effect group by 1`,
    `insert into failure (effect, n, outcome, kind) select id, 1, 'rejected', 'invalidData' from effect where ordinal % 10 = 0`,
    `insert into call (effect, n, token, timeout_ms, closed, closed_at) select id, 1, 1, 1000, 'rejected', clock_timestamp() from effect where ordinal % 10 = 0`,
    `insert into undo_target select run, wave, attempt, system, target_object, target_id, object, source_id from effect`,
  ];
}

const create = (sourceId: string): NewEffect => ({
  ...{ id: randomUUID(), system: 'erp', object: 'customer', targetObject: 'party', sourceId, operation: 'create', revision: 1 },
  ...{ contentHash: 'one', fields: { code: sourceId }, before: null, targetId: null, origin: 'created', undoes: null },
});
const update = (sourceId: string): NewEffect => ({
  ...create(sourceId),
  ...{ operation: 'update', targetId: `T${sourceId}`, origin: 'matched', before: { state: 'active', fields: {} } },
});

/** What lanes, verification and undo ask, by name. */
const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  'a batch of creates': async () => {
    const effects = keys.map((key) => create(`NEW${key}`));
    await ledger.calls.intend(lane, effects, 1_000);
    await ledger.calls.receive(
      lane,
      effects.map(({ id, sourceId }) => ({ n: 1, row: { effectId: id, outcome: 'applied' as const, id: `T${sourceId}` } })),
      false,
    );
    const unread = await ledger.effects.unread(lane.lane, []);
    expect(unread).toHaveLength(keys.length);
    await ledger.effects.setAfter(unread.map(({ id }) => ({ id, after: { state: 'active', fields: {} } })));
    expect(await ledger.effects.unread(lane.lane, [])).toEqual([]);
  },
  'a batch of updates that the system refuses, and is asked again': async () => {
    const effects = keys.map(update);
    for (const n of [1, 2]) {
      expect(await ledger.calls.intend(lane, effects, 1_000)).toMatchObject({ opened: effects.map(() => ({ n })) });
      const no = { outcome: 'rejected', kind: 'invalidData', message: 'no' } as const;
      await ledger.calls.receive(
        lane,
        effects.map(({ id }) => ({ n, row: { effectId: id, ...no } })),
        false,
      );
    }
  },
  'what a lane knows of its records': async () => {
    expect((await ledger.effects.newest(scope, 'erp', 'customer', keys)).size).toBe(keys.length);
    expect(await ledger.effects.history(scope, 'erp', 'customer', keys)).toHaveLength(keys.length);
    expect(await ledger.crosswalk.bySource(scope, 'customer', keys)).toHaveLength(keys.length);
    const named = keys.map((sourceId) => ({ object: 'customer', sourceId }));
    expect(await ledger.crosswalk.live(scope, [...named, { object: 'order', sourceId: keys[0] ?? '' }])).toHaveLength(keys.length);
    expect(await ledger.crosswalk.byTarget(scope, 'erp', 'party', targetIds)).toHaveLength(keys.length);
    expect((await ledger.owners.of(scope, 'erp', 'party', targetIds)).size).toBe(keys.length);
    await ledger.records.latest(scope, at.wave, 'customer', keys);
    expect(await ledger.calls.open({ lane: lane.lane })).toEqual([]);
    await ledger.effects.ofLane(lane.lane);
  },
  'what a wave asks of its accounts': async () => {
    const accounts = Array.from({ length: keys.length / 10 }, (_, index) => `A${String(6_000 + index)}`);
    let standing = 0;
    for await (const heads of ledger.records.standing(scope, 'customer', accounts)) standing += heads.length;
    expect(standing).toBe(keys.length);
    expect(await ledger.waves.stagedAccounts(scope, at.wave)).toHaveLength((lanesOfWave * recordsOfLane) / 10);
    expect((await ledger.records.accountsOf(scope, 'customer', keys)).size).toBe(keys.length);
    expect((await ledger.crosswalk.liveAmong(scope, 'customer', keys)).size).toBe(keys.length);
    const waves = [at.wave];
    expect(await ledger.joining.stayers(run, { scope, waves, planned: [] })).toEqual([]);
  },
  verification: async () => {
    let found = 0;
    for await (const page of ledger.effects.creates(run, at.wave, 1)) found += page.length;
    expect(found).toBe(lanesOfWave * recordsOfLane);
    expect(await ledger.effects.countCreates(run, at.wave, 1)).toBe(found);
    expect((await ledger.effects.ends(run, at.wave, 1)).get('applied')).toBe(found);
    expect(await ledger.measurements.writeOutcomes(run, at)).toMatchObject({ total: found });
    await ledger.effects.refusalsOf(run, at.wave, 1);
  },
  'an undo': async () => {
    expect(await ledger.calls.open({ run, wave: at.wave })).toEqual([]);
    expect(await ledger.effects.listTargets(run, at.wave, 1)).toHaveLength(lanesOfWave * recordsOfLane);
    expect(await ledger.effects.listedAmong({ run, wave: at.wave, attempt: 1, object: 'customer' }, targetIds)).toHaveLength(keys.length);
    const effects = await ledger.effects.ofTargets(run, at.wave, 1, 'customer', targetIds);
    expect(effects.map(({ after }) => after?.state)).toEqual(keys.map(() => 'active'));
    const [sample] = effects;
    if (sample === undefined) throw new Error('nothing was written');
    const ends = effects.map(({ id }) => ({ id, status: 'kept' as const, reason: 'in use' }));
    await ledger.crosswalk.endRows(lane, [], { leftAgain: [], told: [], effects: ends });
    expect((await ledger.effects.keptAmong(sample, targetIds)).size).toBe(keys.length);
    await ledger.effects.leftOf(run, at.wave, 1);
    await ledger.effects.reopen(sample.id, sample.targetId ?? '');
    const rows = await ledger.crosswalk.bySource(scope, 'customer', keys);
    await ledger.crosswalk.endRows(
      lane,
      rows.map(({ id }) => ({ id, state: 'retired' as const, contentHash: null })),
    );
    expect((await ledger.owners.of(scope, 'erp', 'party', targetIds)).size).toBe(0);
  },
};

test.each(Object.keys(reads))('%s reads no large table from end to end, at 200,000 effects', async (name) => {
  asked = [];
  await reads[name]?.();
  const statements = asked;
  await lookAfterTables();
  expect(statements.length).toBeGreaterThan(3);
  const whole: string[] = [];
  for (const { text, values } of statements) {
    const plan = JSON.stringify(await planOf(text, values));
    for (const table of large) if (new RegExp(`"Seq Scan"[^{}]*"Relation Name": ?"${table}"`).test(plan)) whole.push(`${table}: ${text}`);
  }
  expect(whole).toEqual([]);
});

test('what a receipt changes of an effect stands in no index, so that no index grows by it', async () => {
  const [indexes = []] = await askDatabase(own.url, [`select indexdef from pg_indexes where tablename = 'effect'`]);
  expect(indexes.length).toBeGreaterThan(2);
  expect(indexes.filter(({ indexdef }) => /\b(status|target_id|reason|closed|closed_at)\b/.test(String(indexdef)))).toEqual([]);
});

async function planOf(text: string, values: readonly unknown[]): Promise<unknown> {
  const client = new pg.Client(own.url);
  await client.connect();
  try {
    const { rows } = (await query.call(client, `explain (format json) ${text}`, values)) as { rows: readonly Record<string, unknown>[] };
    return rows[0]?.['QUERY PLAN'];
  } finally {
    await client.end();
  }
}
