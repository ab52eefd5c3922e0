import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RowOutcome, Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';
import { failureOf, idOf, outcomesOf, passing, rowOf } from './target-suite.ts';
import type { TargetBench } from './target-suite.ts';
import type { RunningTryton } from './tryton-bench.ts';
import { partySamples, startSandboxTryton, trytonBench } from './tryton-bench.ts';

type Answer = Pick<FaultRule, 'status' | 'body' | 'headers'>;
const result = (value: unknown): Answer => ({ status: 200, body: JSON.stringify({ result: value }) });

/** Answers that no Tryton gives to what was asked. */
const strange: readonly (readonly [string, Answer])[] = [
  ['a page', { status: 200, body: '<html>Maintenance</html>' }],
  ['nothing', { status: 200, body: '' }],
  ['half an answer', { status: 200, body: '{"id": 3, "result": [{"id": 1, "na' }],
  ['null', { status: 200, body: 'null' }],
  ['a list', { status: 200, body: '[]' }],
  ['an empty object', { status: 200, body: '{}' }],
  ['an error that is none', { status: 200, body: '{"error": "no"}' }],
  ['the answer to another request', { status: 200, body: '{"id": 987654321, "result": []}' }],
  ['a body that only says it is packed', { status: 200, headers: { 'content-encoding': 'gzip' }, body: '{"result": []}' }],
  ['another address', { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' }],
  ['see other', { status: 303, headers: { location: 'https://elsewhere.example/' }, body: '' }],
  ['a time-out of the request', { status: 408, body: '' }],
  ['a conflict of nobody knows what', { status: 409, body: '<html></html>' }],
  ['a failure', { status: 500, body: '<html></html>' }],
  ['a gateway', { status: 503, body: '' }],
  ['an error inside', { status: 200, body: '{"error": ["list index out of range", ""]}' }],
];

/** Results of the right protocol and the wrong shape: a read must not take them for an empty answer. */
const misshapen: readonly (readonly [string, Answer])[] = [
  ['no result', result(null)],
  ['a text', result('ok')],
  ['rows without ids', result([{ name: 'x' }])],
  ['rows without what was asked for', result([{ id: 7 }])],
  ['ids that are none', result([-1, 'x', 2.5])],
  ['a list of nothing', result([null])],
];

/** Refusals of a whole call that are about no record, and what they leave a write: nothing was changed by it. */
const untouched: readonly (readonly [number, string])[] = [
  [400, 'unavailable'],
  [401, 'auth'],
  [403, 'auth'],
  [404, 'unavailable'],
  [405, 'unavailable'],
  [422, 'unavailable'],
  [429, 'throttled'],
];

describe('Tryton: whatever is answered', () => {
  let system: RunningTryton;
  let bench: TargetBench;
  let port: TargetPort;
  let session: Session;
  let record: TargetRecord;
  beforeAll(async () => {
    system = await startSandboxTryton();
    bench = await trytonBench(system);
    port = bench.connect('runner', 'proxy');
    session = await port.open();
    const [made] = await session.write('party', [rowOf('create', partySamples.record('C-1'))], passing);
    record = (await port.get('party', [idOf(made)]))[0]!;
  });
  beforeEach(async () => {
    await port.count('party');
  });
  afterEach(async () => {
    await bench.fault(null);
  });
  afterAll(async () => {
    await bench.stop();
  });

  const answering = (answer: Answer, bodyIncludes = 'model.'): Promise<void> =>
    bench.fault({ match: { bodyIncludes }, action: 'reject', ...answer });
  const two = (): Promise<readonly RowOutcome[]> =>
    session.write(
      'party',
      ['a', 'b'].map((key) => rowOf('create', partySamples.record(key))),
      passing,
    );

  test.each([...strange, ...misshapen])('%s to a read is unavailable, and never an empty answer', async (_what, answer) => {
    await answering(answer);
    for (const read of [
      () => port.findByKey('party', ['C-1']),
      () => port.get('party', [record.id]),
      () => port.findByFields('party', [{ name: 'x' }]),
      () => port.count('party'),
      () => port.describe('party'),
      () => port.changesSince(['party'], '2020-01-01T00:00:00Z')[Symbol.asyncIterator]().next(),
      () => port.probe(),
    ]) {
      const failure = await failureOf(read());
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
      expect(failure.message).toMatch(/^erp: /);
    }
  });

  test.each([
    ...strange,
    ...misshapen.filter(([what]) => what !== 'a list of nothing'),
    ['fewer ids than rows', result([8])],
    ['more ids than rows', result([8, 9, 10])],
  ] as const)('%s to a create leaves every row unknown', async (_what, answer) => {
    await answering(answer, 'party.party.create');
    expect(outcomesOf(await two())).toEqual(['unknown', 'unknown']);
  });

  test.each(strange)('%s to an update, a delete or a button leaves the row unknown', async (_what, answer) => {
    for (const [operation, call] of [
      ['update', 'party.party.write'],
      ['delete', 'party.party.delete'],
      ['deactivate', 'party.party.write'],
    ] as const) {
      await answering(answer, call);
      const row = rowOf(operation, operation === 'update' ? { fax: '030-1' } : {}, { id: record.id });
      expect([operation, ...outcomesOf(await session.write('party', [row], passing))]).toEqual([operation, 'unknown']);
      await bench.fault(null);
    }
  });

  test('one id for two rows leaves those two unknown', async () => {
    await answering(result([8, 8]), 'party.party.create');
    expect(outcomesOf(await two())).toEqual(['unknown', 'unknown']);
  });

  test.each(untouched)('status %i says nothing about a record, and nothing was changed: %s', async (status, kind) => {
    await answering({ status, headers: { 'retry-after': '30' }, body: '<html></html>' }, 'party.party.create');
    const failure = await failureOf(two());
    expect([failure.kind, failure.unknownOutcome, failure.retryAfterMs]).toEqual([
      kind,
      false,
      status === 401 ? 30_000 : failure.retryAfterMs,
    ]);
    expect(failure.retryAfterMs).toBe(30_000);
  });

  test('a call that is too large is a refusal that halves may cure', async () => {
    await answering({ status: 413, body: '' }, 'party.party.create');
    expect(outcomesOf(await two())).toEqual(['rejected invalidData', 'rejected invalidData']);
  });

  test.each([...strange, ...misshapen])('%s to a login is auth or unavailable', async (_what, answer) => {
    await answering(answer, 'common.db.login');
    const failure = await failureOf(port.open());
    expect(['auth', 'unavailable']).toContain(failure.kind);
    expect(failure.message).toMatch(/^erp: /);
  });

  test.each([
    [
      'a database that was not loaded',
      { status: 200, body: `{"error": ["'res.user'", ""]}` },
      'unavailable',
      /let Tryton load the database/,
    ],
    ['a second factor', { status: 200, body: '{"error": ["LoginException", ["code", "Code", "char"]]}' }, 'auth', /more than a password/],
    ['a wrong password', { status: 401, body: '' }, 'auth', /refuses the user name or the password of cutover/],
    ['too many tries', { status: 429, body: '' }, 'throttled', /takes no logins of cutover for now, as after several wrong passwords/],
    ['a gateway that asks to wait', { status: 429, headers: { 'retry-after': '30' }, body: '' }, 'throttled', /too many calls/],
  ] as const)('%s at a login is told as it is', async (_what, answer, kind, words) => {
    const mine = bench.connect('runner', 'proxy');
    await answering(answer, 'common.db.login');
    const failure = await failureOf(mine.open());
    expect([failure.kind, failure.message]).toEqual([kind, expect.stringMatching(words)]);
    await bench.fault(null);
    await mine.dispose();
  });

  test('a wrong password stays the cause when Tryton takes no more logins because of it, and no further try keeps it from that', async () => {
    const mine = bench.connect('runner', 'proxy');
    await answering({ status: 401, body: '' }, 'common.db.login');
    expect((await failureOf(mine.open())).kind).toBe('auth');
    await bench.fault(null);
    await answering({ status: 429, body: '' }, 'common.db.login');
    const words = /refuses the user name or the password of cutover, and now takes no logins of that user for some minutes/;
    const told = ['auth', expect.stringMatching(words)];
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const failures = [await failureOf(mine.open())];
      await bench.fault(null);
      failures.push(await failureOf(mine.open()));
      vi.advanceTimersByTime(300_000);
      failures.push(await failureOf(mine.open()));
      expect(failures.map(({ kind, message }) => [kind, message])).toEqual([told, told, told]);
      vi.advanceTimersByTime(10_000);
      await (await mine.open()).close();
    } finally {
      vi.useRealTimers();
      await mine.dispose();
    }
  });

  test('a currency and a country that finance sets up are there without a restart', async () => {
    const address = { street: 'A', city: 'B', postalCode: '1', country: 'QQ' };
    const seed = async (data: unknown): Promise<void> => {
      expect((await fetch(`${system.url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(data) })).ok).toBe(true);
    };
    const write = async (): Promise<readonly string[]> =>
      outcomesOf(await session.write('party', [rowOf('create', { code: 'C-QQ', name: 'x', addresses: [address] })], passing));
    expect(await write()).toEqual(['rejected invalidData']);
    expect(await port.check('sale', [{ key: '1', fields: { currency: 'EUR' } }])).toEqual(
      expect.arrayContaining([{ key: '1', cause: expect.stringContaining('Tryton has no currency "EUR"') }]),
    );
    await seed({ countries: ['QQ'], currencies: ['EUR'] });
    expect(await write()).toEqual(['applied']);
    expect((await port.check('sale', [{ key: '1', fields: { currency: 'EUR' } }])).map(({ cause }) => cause).join()).not.toContain(
      'currency',
    );
  });

  const home = { street: 'A', city: 'B', postalCode: '1', country: 'DE' };
  const line = { product: 'reference', quantity: '1', unitPrice: '2.0000', taxes: ['reference'] };
  const order = {
    reference: '1',
    party: 'reference',
    invoiceAddress: home,
    shipTo: home,
    saleDate: '2026-03-01',
    currency: 'USD',
    lines: [line],
  };
  test.each([
    ['nothing wrong with a whole sale', 'sale', order, []],
    ['a currency', 'sale', { ...order, currency: 'EEK' }, ['has no currency "EEK"']],
    ['no lines', 'sale', { ...order, lines: [] }, ['at least one line']],
    ['no address', 'sale', { ...order, shipTo: null }, ['shipTo is missing']],
    [
      'too many decimals',
      'sale',
      { ...order, lines: [{ ...line, unitPrice: '1.00001' }] },
      ['lines.unitPrice has more than the 4 decimals'],
    ],
    ['no price', 'sale', { ...order, lines: [{ ...line, unitPrice: null }] }, ['lines.unitPrice is empty']],
    ['decimals that are zeros', 'sale', { ...order, lines: [{ ...line, unitPrice: '1.10000000' }] }, []],
    ['a quantity that is none', 'sale', { ...order, lines: [{ ...line, quantity: 'two' }] }, ['lines.quantity must be a decimal string']],
    ['a day that is none', 'sale', { ...order, saleDate: '1.3.2026' }, ['saleDate must be a day']],
    ['a field of a line', 'sale', { ...order, lines: [{ ...line, colour: 'red' }] }, ['no field colour']],
    ['a country', 'party', { code: '1', name: 'x', addresses: [{ ...home, country: 'ZZ' }] }, ['has no country "ZZ"']],
    ['no name', 'party', { code: '1', name: null }, ['name is empty']],
    ['a blank name', 'party', { code: '1', name: '  ' }, ['name is empty']],
    ['no price of a product', 'product', { code: '1', name: 'x', unit: 'Unit', kind: 'goods', listPrice: null }, ['listPrice is empty']],
    ['a number with blanks around it', 'party', { code: '90001 ', name: 'x' }, ['code has blanks around it']],
    ['a number with a non-breaking blank behind it', 'party', { code: '90001\u00a0', name: 'x' }, ['code has blanks around it']],
    ['a number with a control character before it', 'party', { code: '\u001f90001', name: 'x' }, ['code has blanks around it']],
    ['a tab in a name', 'party', { code: '1', name: 'x\ty' }, ['name holds a tab or a line break']],
    ['nothing wrong with blanks around a name', 'party', { code: '1', name: ' x ' }, []],
    ['an empty number', 'party', { code: '1', name: 'x', phone: '' }, ['phone is an empty text']],
    ['a contact without a phone', 'party', { code: '1', name: 'x', contactPerson: 'Ana' }, ['contactPerson needs a phone']],
    [
      'a city with blanks',
      'party',
      { code: '1', name: 'x', addresses: [{ ...home, city: 'B ' }] },
      ['addresses.city has blanks around it'],
    ],
    ['blanks around a reference', 'sale', { ...order, reference: ' 1' }, ['reference has blanks around it']],
    ['nothing wrong with a comment of two lines', 'sale', { ...order, comment: ' a\nb ' }, []],
    ['an address with blanks', 'sale', { ...order, shipTo: { ...home, street: 'A ' } }, ['shipTo.street has blanks around it']],
    [
      'blanks around the name of a product',
      'product',
      { code: '1', name: 'x ', unit: 'Unit', kind: 'goods', listPrice: '1' },
      ['name has blanks'],
    ],
    ['a unit', 'product', { code: '1', name: 'x', unit: 'Dozen', kind: 'goods', listPrice: '1' }, ['has no unit "Dozen"']],
  ])('the check before a load finds %s', async (_what, object, fields, causes) => {
    const faults = await port.check(object, [{ key: 'K', fields }]);
    expect(faults).toEqual(causes.map((cause) => expect.objectContaining({ key: 'K', cause: expect.stringContaining(cause) })));
  });

  test.each([
    [
      'The number of digits in the value "\'2.5\'" for field "Quantity" in record "2.50u [P-11] Chai Tea @ SO12 [11072]" of "Sale Line" exceeds the limit of "(None, 0)".',
      'The number of digits in the value "…" for field "Quantity" in record "[P-11] … @ [11072]" of "Sale Line" exceeds the limit of "…".',
    ],
    [
      'A value is required for field "Sale Date" in record "SO12 [11072]" of "Sale".',
      'A value is required for field "Sale Date" in record "[11072]" of "Sale".',
    ],
    [
      'The value "[secret]" for field "Name" in record "[Hidden] Ltd" of "Party" is not valid.',
      'The value "…" for field "Name" in record "…" of "Party" is not valid.',
    ],
    [
      'The value "" for field "Unit" in record "2 Chai @ (17)" of "Sale Line" is not valid.',
      'The value "…" for field "Unit" in record "…" of "Sale Line" is not valid.',
    ],
    [
      'The value "Anna "Ann" Schmidt" for field "Name" in record "Hotel "Anna Schmidt" GmbH" of "Party" is not valid.',
      'The value "…" for field "Name" in record "…" of "Party" is not valid.',
    ],
    [
      'A value is required for field "Unit" in record "3 [P-1] 5" pipe "long" of "Hull" @ [11072]" of "Sale Line".',
      'A value is required for field "Unit" in record "[P-1] … @ [11072]" of "Sale Line".',
    ],
    ['The value "Ann "Party" Lee\nof 9" for field "Name" in record "Lee" of "Party".', '… "Party" … "Name" in record "…" of "Party".'],
    ['Could not delete "Ann "A" Lee".\nUsed by "Bo".', 'Could not delete "…".'],
  ])('a refusal names article and document by their keys, and nothing else that Tryton quotes: %s', async (said, told) => {
    const body = JSON.stringify({ error: ['UserError', [said, '', null]] });
    await bench.fault({ match: { bodyIncludes: 'party.party.create' }, action: 'reject', status: 200, body, times: 1 });
    const [outcome] = await session.write('party', [rowOf('create', { code: 'C-R', name: 'x' })], passing);
    expect(outcome).toMatchObject({ outcome: 'rejected', message: `erp: model.party.party.create was refused: ${told}` });
  });

  test('a party without a name is refused, and a number with blanks around is the number without', async () => {
    expect(outcomesOf(await session.write('party', [rowOf('create', { code: 'C-N', name: null })], passing))).toEqual([
      'rejected invalidData',
    ]);
    await session.write('party', [rowOf('create', { code: 'C-B', name: 'x' })], passing);
    expect((await port.findByKey('party', [' C-B', 'C-B ', 'C-B'])).map(({ key }) => key)).toEqual([' C-B', 'C-B ', 'C-B']);
  });
});
