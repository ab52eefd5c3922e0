import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { completeness, unarchivedTexts, unexplainedTexts, type CompletenessInput } from '../../../domain/waves/completeness.ts';
import { keysOf, keysTogether } from '../../../domain/waves/keys.ts';

const none = { count: 0, money: {} };
const orders: CompletenessInput = {
  object: 'orders',
  source: { count: 830, money: { net: '1265793.29', freight: '64942.69' } },
  created: { count: 20, money: { net: '25000.00', freight: '900.67' } },
  matched: { count: 0, money: {} },
  archived: { count: 809, money: { net: '1239855.85', freight: '63955.02' } },
  left: none,
  exceptions: { count: 1, money: { net: '937.42', freight: '87.00' } },
  rounding: { net: '0.02' },
};

describe('the completeness equation', () => {
  test('balances when every record and every cent has its line', () => {
    const result = completeness(orders);
    expect(result).toMatchObject({
      object: 'orders',
      unexplainedCount: 0,
      unexplainedMoney: { net: '0.00', freight: '0.00' },
      balanced: true,
    });
    expect(result.lines.map(({ label }) => label)).toEqual([
      'source',
      'created',
      'matched',
      'archived',
      'left',
      'exceptions',
      'rounding',
      'unexplained',
    ]);
    expect(result.lines.at(-2)).toEqual({ label: 'rounding', count: null, money: { net: '0.02' } });
  });

  test('names the first of the records that a rule of the plan leaves', () => {
    const keys = Array.from({ length: 25 }, (_, index) => `L${String(25 - index).padStart(2, '0')}`);
    const left = completeness({ ...orders, left: { ...none, keys: keysOf(keys) } }).lines.find(({ label }) => label === 'left');
    expect(left?.keys).toEqual(keys.toReversed().slice(0, 20));
    expect(completeness(orders).lines.filter((line) => line.keys !== undefined)).toEqual([]);
  });

  test('shows one missing record although the money is right', () => {
    expect(completeness({ ...orders, archived: { ...orders.archived, count: 808 } })).toMatchObject({
      unexplainedCount: 1,
      balanced: false,
    });
  });

  test('shows one missing cent although the count is right', () => {
    expect(completeness({ ...orders, rounding: {} })).toMatchObject({
      unexplainedCount: 0,
      unexplainedMoney: { net: '0.02' },
      balanced: false,
    });
  });

  test('shows money that the source does not have', () => {
    const created = { count: 20, money: { ...orders.created.money, tax: '1.00' } };
    expect(completeness({ ...orders, created })).toMatchObject({ unexplainedMoney: { tax: '-1.00' }, balanced: false });
  });

  test('refuses an amount that is none', () => {
    expect(() => completeness({ ...orders, rounding: { net: 'a lot' } })).toThrow(RangeError);
  });

  test('moves of records between lines never change what is unexplained', () => {
    const counts = fc.record({
      created: fc.nat(50),
      matched: fc.nat(50),
      archived: fc.nat(50),
      left: fc.nat(50),
      exceptions: fc.nat(50),
      lost: fc.integer(),
    });
    fc.assert(
      fc.property(counts, ({ lost, ...parts }) => {
        const total = Object.values(parts).reduce((a, b) => a + b, lost);
        const tallies = Object.fromEntries(Object.entries(parts).map(([name, count]) => [name, { count, money: { net: String(count) } }]));
        const input = {
          object: 'x',
          source: { count: total, money: { net: String(total) } },
          rounding: {},
          ...tallies,
        } as unknown as CompletenessInput;
        expect(completeness(input)).toMatchObject({
          unexplainedCount: lost,
          unexplainedMoney: { net: String(lost) },
          balanced: lost === 0,
        });
      }),
    );
  });
});

test('names the first 20 unexplained records, each once, and counts the others', () => {
  const keys = Array.from({ length: 25 }, (_, index) => `C${String(index).padStart(2, '0')}`);
  const equation = completeness({ ...orders, source: { ...orders.source, count: 855 }, keys: keysOf([...keys, ...keys]) });
  expect(equation).toMatchObject({ unexplainedCount: 25, keys: keys.slice(0, 20), moreKeys: 5 });
  expect(unexplainedTexts(equation)).toEqual([`orders: 25 records (${keys.slice(0, 20).join(', ')} and 5 more)`]);
});

test('names the records whose own money does not add up', () => {
  expect(unexplainedTexts(completeness({ ...orders, rounding: {}, keys: keysOf(['11074']) }))).toEqual(['orders net: 0.02 (11074)']);
});

test('says what the archive does not hold as it stands, the first by their keys, with the remedy; nothing where it holds all', () => {
  const keys = Array.from({ length: 22 }, (_, index) => (index === 0 ? '10 643' : String(20_000 + index)));
  const told = unarchivedTexts([completeness(orders), completeness({ ...orders, unarchived: keysOf(keys.slice(0, 2)) })]);
  expect(told).toEqual([
    expect.stringMatching(
      /^2 finished records of orders are not in the archive as they stand in legacy: "10 643", 20001\. The next delta .* take its wave back/,
    ),
  ]);
  const [many] = unarchivedTexts([completeness({ ...orders, unarchived: keysOf(keys) })]);
  expect(many).toMatch(/^22 finished records .*, 20019 and 2 more\. /);
});

test('of the keys of two pages the first are named in their order, and all are counted', () => {
  const keys = Array.from({ length: 50 }, (_, index) => `K${String(index).padStart(2, '0')}`);
  const [even, odd] = [0, 1].map((rest) => keysOf(keys.filter((_, index) => index % 2 === rest)));
  expect(even && odd && keysTogether(odd, even)).toEqual({ count: 50, first: keys.slice(0, 20) });
});
