import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../../domain/plan/check.ts';
import { coverageOf, explainedParts, sourceOf } from '../../../domain/plan/coverage.ts';
import type { Plan } from '../../../domain/plan/plan.ts';
import { samplePlan } from '../../support/sample-plan.ts';

type Raw = Parameters<NonNullable<Parameters<typeof samplePlan>[0]>>[0];

interface Changes {
  readonly queries?: Readonly<Record<string, unknown>>;
  readonly statuses?: Readonly<Record<string, unknown>>;
  readonly change?: (raw: Raw) => void;
}

/** The sample plan with these tables (beside its own), statuses and queries in its source, its objects changed by `change`. */
function planWith(tables: Readonly<Record<string, unknown>>, { queries, statuses, change }: Changes = {}): Plan {
  return samplePlan((raw) => {
    Object.assign(raw.systems.legacy.tables, tables);
    Object.assign(raw.systems.legacy.queries, queries);
    Object.assign(raw.systems.legacy.statuses, statuses);
    change?.(raw);
  });
}

function problems(plan: Plan): readonly string[] {
  return checkPlan(plan).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const query = { sql: 'select 1', key: 'key', account: null, tables: ['returns'] };
const reading = { queries: { returns: query } };
const at = 'systems.legacy.tables.returns';

/** An object over the query `returns`, in this mode. */
function withObject(mode: 'move' | 'match') {
  return {
    ...reading,
    change: (raw: Raw): void => {
      const object = {
        ...raw.objects[1]!,
        name: 'returns',
        mode,
        systemOfRecord: 'legacy',
        scope: 'shared',
        source: { system: 'legacy', query: 'returns' },
      };
      Reflect.deleteProperty(object, 'fallback');
      raw.objects.push(object);
    },
  };
}
const archived = { ...reading, change: (raw: Raw): void => void raw.archive.push({ object: 'orders', query: 'returns' }) };
const rule = { name: 'open returns', where: 'not closed' };

describe('each disposition does what its word says', () => {
  test.each<[string, Record<string, unknown>, Changes]>([
    ['move', { disposition: 'move' }, withObject('move')],
    ['match', { disposition: 'match' }, withObject('match')],
    ['archive', { disposition: 'archive' }, archived],
    ['balance', { disposition: 'balance', reason: 'stock is counted anew', rule }, {}],
    ['runOff', { disposition: 'runOff', reason: 'returns end in legacy', rule }, {}],
    ['drop', { disposition: 'drop', reason: 'nobody reads it' }, {}],
  ])('%s passes', (_, returns, more) => {
    expect(problems(planWith({ returns }, more))).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, Changes, readonly string[]]>([
    [
      'move that nothing reads',
      { disposition: 'move' },
      {},
      [`${at}: Table "returns" is to move, and no object with mode move, and no entry of archive, reads it.`],
    ],
    [
      'move that is only matched',
      { disposition: 'move' },
      withObject('match'),
      [`${at}: Table "returns" is to move, and no object with mode move, and no entry of archive, reads it.`],
    ],
    [
      'match that nothing reads',
      { disposition: 'match' },
      {},
      [`${at}: Table "returns" is to be matched, and no object with mode match reads it.`],
    ],
    [
      'match that is moved',
      { disposition: 'match' },
      withObject('move'),
      [`${at}: Table "returns" is to be matched, and no object with mode match reads it.`],
    ],
    [
      'archive that nothing reads',
      { disposition: 'archive' },
      {},
      [`${at}: Table "returns" is to be archived, and no entry of archive reads it.`],
    ],
    [
      'archive that is moved',
      { disposition: 'archive' },
      withObject('move'),
      [`${at}: Table "returns" is to be archived, and no entry of archive reads it.`],
    ],
    [
      'a query nobody uses',
      { disposition: 'move' },
      reading,
      [`${at}: Table "returns" is to move, and no object with mode move, and no entry of archive, reads it.`],
    ],
    [
      'balance without a rule',
      { disposition: 'balance', reason: 'counted' },
      {},
      [`${at}: Table "returns" has the disposition balance, and no rule says which of its rows that is.`],
    ],
    [
      'runOff without a rule',
      { disposition: 'runOff', reason: 'ends' },
      {},
      [`${at}: Table "returns" has the disposition runOff, and no rule says which of its rows that is.`],
    ],
    ['runOff without a reason', { disposition: 'runOff', rule }, {}, [`${at}: Table "returns" has the disposition runOff and no reason.`]],
    [
      'balance without a reason',
      { disposition: 'balance', rule },
      {},
      [`${at}: Table "returns" has the disposition balance and no reason.`],
    ],
    ['drop without a reason', { disposition: 'drop' }, {}, [`${at}: Table "returns" has the disposition drop and no reason.`]],
    [
      'drop with a blank reason',
      { disposition: 'drop', reason: ' ' },
      {},
      [`${at}: Table "returns" has the disposition drop and no reason.`],
    ],
    [
      'a rule for what is dropped',
      { disposition: 'drop', reason: 'old', rule },
      {},
      [`${at}.rule: Table "returns" has a rule and the disposition drop.`],
    ],
  ])('%s is refused', (_, returns, more, expected) => {
    expect(problems(planWith({ returns }, more))).toEqual(expected);
  });
});

describe('each status of documents does what its word says', () => {
  const inStatus = (value: unknown): readonly string[] =>
    problems(planWith({}, { statuses: { orders: { sql: 'status', values: { open: 'move', shipped: 'archive', returned: value } } } }));
  const place = 'systems.legacy.statuses.orders.values.returned';

  test.each([['move'], ['archive']])('%s passes where something of that kind reads the table', (disposition) => {
    expect(inStatus(disposition)).toEqual([]);
  });

  test.each([['runOff'], ['balance'], ['drop']])('%s needs a reason', (disposition) => {
    expect(inStatus({ disposition, reason: 'the desk ends them' })).toEqual([]);
    expect(inStatus(disposition)).toEqual([
      `${place}: Status "returned" of table "orders" has the disposition ${disposition} and no reason.`,
    ]);
  });

  test('runOff is refused where rows are frozen with their account, because nobody could finish them after the switch', () => {
    const frozen = { disposition: 'move', account: { column: 'customer_id' } };
    const statuses = {
      orders: {
        sql: 'status',
        values: { open: 'move', shipped: 'archive', partly: { disposition: 'runOff', reason: 'the desk ends them' } },
      },
    };
    expect(problems(planWith({ orders: frozen }, { statuses }))).toEqual([
      'systems.legacy.statuses.orders.values.partly: Status "partly" of table "orders" is to run off in legacy, and its rows are frozen with their account: after the switch nobody could finish them there.',
    ]);
  });

  test('match is refused where no object matches them', () => {
    expect(inStatus('match')).toEqual([
      `${place}: Status "returned" of table "orders" is to be matched, and no object with mode match reads it.`,
    ]);
  });

  test('a status of a table that has no disposition is refused', () => {
    expect(problems(planWith({}, { statuses: { invoices: { sql: 'status', values: {} } } }))).toEqual([
      'systems.legacy.statuses.invoices: Statuses are told apart in table "invoices", which has no disposition.',
    ]);
  });

  test('entries of a list have no status', () => {
    const lines = { disposition: 'move', lines: { list: 'lines' } };
    const plan = planWith({ orders: lines });
    expect(problems(plan)).toEqual([
      'systems.legacy.tables.orders.lines: Table "orders" is counted as entries of a list, which have no status of their own.',
    ]);
  });
});

describe('what explains the rows of a table', () => {
  const explanationOf = (plan: Plan, table: string) =>
    coverageOf(plan)
      .filter((part) => part.table === table)
      .map(({ label, explanation }) => ({ label, ...explanation }));
  const lineQueries = {
    queries: {
      orders: { sql: 'select 1', key: 'key', account: 'account', tables: ['orders', 'order_lines'] },
      shippedOrders: { sql: 'select 1', key: 'key', account: null, tables: ['orders', 'order_lines'] },
    },
  };

  test('is the keys of the queries that name it first, kind by kind for each status', () => {
    expect(explanationOf(samplePlan(), 'orders')).toMatchObject([
      { label: 'open, move', by: 'keys', yields: [{ query: 'orders' }] },
      { label: 'shipped, archive', by: 'keys', yields: [{ query: 'shippedOrders' }] },
    ]);
    expect(explanationOf(samplePlan(), 'customers')).toMatchObject([{ label: 'move', by: 'keys', yields: [{ query: 'customers' }] }]);
  });

  test('is one for all statuses that the same queries explain, so that their money counts once', () => {
    const plan = samplePlan((raw) => {
      const source = raw.systems['legacy'] as { statuses: Record<string, { values: Record<string, unknown> }> };
      Object.assign(source.statuses['orders']!.values, { partly: 'move', void: { disposition: 'drop', reason: 'cancelled' } });
    });
    const parts = explainedParts(plan).filter(({ table }) => table === 'orders');
    expect(parts.map(({ label, statuses, explanation }) => [label, statuses, explanation.by])).toEqual([
      ['open, partly, move', ['open', 'partly'], 'keys'],
      ['shipped, archive', ['shipped'], 'keys'],
      ['void, drop: cancelled', ['void'], 'reason'],
    ]);
    expect(explainedParts(plan).find(({ table }) => table === 'customers')).toMatchObject({ label: 'move', statuses: null });
  });

  test('is the list of the money rule where queries name it behind another', () => {
    const plan = planWith({ order_lines: { disposition: 'move' } }, lineQueries);
    expect(problems(plan)).toEqual([]);
    expect(explanationOf(plan, 'order_lines')).toMatchObject([
      { by: 'lines', rule: { list: 'lines', where: {} }, yields: [{ query: 'orders' }, { query: 'shippedOrders' }] },
    ]);
  });

  test('is the list or the key that the plan names', () => {
    const lines = { list: 'parts', where: { kind: 'goods' } };
    expect(explanationOf(planWith({ order_lines: { disposition: 'move', lines } }, lineQueries), 'order_lines')).toMatchObject([
      { by: 'lines', rule: lines },
    ]);
    expect(explanationOf(planWith({ order_lines: { disposition: 'move', key: 'order_id' } }, lineQueries), 'order_lines')).toMatchObject([
      { by: 'keys' },
    ]);
  });

  test('is only those entries of the list that the money rule counts', () => {
    const goods = { lines: 'lines', price: 'price', quantity: 'quantity', where: { kind: 'goods' } };
    const plan = planWith(
      { order_lines: { disposition: 'move' } },
      {
        ...lineQueries,
        change: (raw) => Object.assign(raw.objects[2]!, { money: { total: { column: 'total', target: 'total' }, goods } }),
      },
    );
    expect(explanationOf(plan, 'order_lines')).toMatchObject([{ by: 'lines', rule: { list: 'lines', where: { kind: 'goods' } } }]);
  });

  test('is the primary key where no money rule counts lines', () => {
    const plan = planWith(
      { order_lines: { disposition: 'move' } },
      { ...lineQueries, change: (raw) => Object.assign(raw.objects[2]!, { money: {} }) },
    );
    expect(explanationOf(plan, 'order_lines')).toMatchObject([{ by: 'keys' }]);
  });

  test('is a rule by its name, or a reason', () => {
    const plan = planWith({ stock: { disposition: 'balance', reason: 'counted', rule }, notes: { disposition: 'drop', reason: 'old' } });
    expect(explanationOf(plan, 'stock')).toEqual([{ label: 'balance (open returns): counted', by: 'rule', where: 'not closed' }]);
    expect(explanationOf(plan, 'notes')).toEqual([{ label: 'drop: old', by: 'reason' }]);
  });

  test('is nothing in a source that is no database, and an archive entry of an unknown object yields nothing', () => {
    const other = samplePlan((raw) => (raw.roles.source = 'erp'));
    expect([sourceOf(other), coverageOf(other)]).toEqual([null, []]);
    expect(checkPlan(other).some(({ path }) => path.includes('tables'))).toBe(false);
    const plan = planWith({}, { change: (raw) => Object.assign(raw.archive[0]!, { object: 'nothing' }) });
    expect(problems(plan)).toContain(
      'systems.legacy.statuses.orders.values.shipped: Status "shipped" of table "orders" is to be archived, and no entry of archive reads it.',
    );
  });
});

describe('money of a table', () => {
  test('goes by the names of the money rules of the objects that read it', () => {
    expect(problems(planWith({ orders: { disposition: 'move', money: { net: 'total' } } }))).toEqual([]);
    expect(problems(planWith({ orders: { disposition: 'move', money: { gross: 'total' } } }))).toEqual([
      'systems.legacy.tables.orders.money.gross: Table "orders" adds up "gross", and no object that reads it has a money rule of that name.',
    ]);
    expect(problems(planWith({ customers: { disposition: 'move', money: { credit: 'credit' } } }))).toHaveLength(1);
    expect(problems(planWith({ stock: { disposition: 'drop', reason: 'old', money: { worth: 'price' } } }))).toEqual([]);
  });
});

describe('amounts', () => {
  const orders = (change: Record<string, unknown>): readonly string[] =>
    problems(planWith({}, { change: (raw) => Object.assign(raw.objects[2]!, change) }));

  test('that would be compared with themselves are refused', () => {
    expect(orders({ money: { total: { column: 'total' } } })).toEqual([
      'objects.2.money.total: The amount "total" of "orders" is a column of the source, and nothing says where the target has it: the source would be compared with itself.',
    ]);
    expect(orders({ money: { total: { column: 'total', target: 'total' }, tax: { column: 'total', rate: 'rate' } } })).toEqual([]);
  });

  test('without a currency are refused', () => {
    expect(orders({ currency: undefined })).toEqual([
      'objects.2.money: The amounts of "orders" have no currency, and amounts of several currencies must never be added into one.',
    ]);
  });

  test('with a rate are one for a document, because its tax is one', () => {
    const line = { lines: 'lines', price: 'price', quantity: 'quantity', rate: 'rate' };
    expect(orders({ money: { goods: { ...line, where: { kind: 'goods' } }, freight: { ...line, where: { kind: 'freight' } } } })).toEqual([
      'objects.2.money.freight: "orders" has more than one amount with a rate, and the target has one tax for the whole document.',
    ]);
  });
});

describe('the system of record', () => {
  test('is never overwritten: what the target owns is matched, or the plan is refused', () => {
    const owned = (mode: 'move' | 'match') =>
      problems(planWith({}, { change: (raw) => Object.assign(raw.objects[2]!, { systemOfRecord: 'erp', mode, fallback: undefined }) }));
    expect(owned('move')).toEqual([
      'objects.2.systemOfRecord: "orders" would be written to erp from legacy, and erp is its system of record: its word counts, not that of legacy.',
    ]);
    expect(owned('match').filter((text) => text.includes('systemOfRecord'))).toEqual([]);
  });
});

test('many records that map to one are never written, neither by a move nor as the book of record', () => {
  const shared = (index: number): readonly string[] =>
    problems(planWith({}, { change: (raw) => Object.assign(raw.objects[index]!, { manyToOne: true }) })).filter((text) =>
      text.includes('manyToOne'),
    );
  expect([0, 1, 2].map(shared)).toEqual([
    ['objects.0.manyToOne: "customers" lets many records map to one, and its records are written.'],
    ['objects.1.manyToOne: "accounts" lets many records map to one, and its records are written.'],
    ['objects.2.manyToOne: "orders" lets many records map to one, and its records are written.'],
  ]);
  const products = withObject('match');
  const change = (raw: Raw): void => {
    products.change(raw);
    Object.assign(raw.objects.at(-1)!, { manyToOne: true });
  };
  expect(problems(planWith({ returns: { disposition: 'match' } }, { ...reading, change }))).toEqual([]);
});
