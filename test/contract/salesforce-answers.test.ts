import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RowOutcome, Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';
import type { SalesforceSeed } from '../../sandbox/salesforce/seed-data.ts';
import { accountSamples, salesforceBench } from './salesforce-bench.ts';
import type { SalesforceBench } from './salesforce-bench.ts';
import { failureOf, idOf, outcomesOf, passing, rowOf } from './target-suite.ts';

type Answer = Pick<FaultRule, 'status' | 'body' | 'headers'>;
const json = { 'content-type': 'application/json' };
const refusal = (errorCode: string, status = 400): Answer => ({
  status,
  headers: json,
  body: JSON.stringify([{ errorCode, message: 'secret words' }]),
});

/** Answers that are not Salesforce's to what was asked. */
const strange: readonly (readonly [string, Answer])[] = [
  ['a page', { status: 200, body: '<html>Maintenance</html>' }],
  ['nothing', { status: 200, body: '' }],
  ['half an answer', { status: 200, headers: json, body: '{"totalSize":1,"done":tr' }],
  ['null', { status: 200, headers: json, body: 'null' }],
  ['a text', { status: 200, headers: json, body: '"ok"' }],
  ['a number', { status: 200, headers: json, body: '17' }],
  ['an empty object', { status: 200, headers: json, body: '{}' }],
  ['a list of nothing known', { status: 200, headers: json, body: '[null, 3, "x", {}]' }],
  [
    'rows without ids',
    { status: 200, headers: json, body: '{"totalSize":1,"done":true,"records":[{"Name":"x"}],"name":"Account","fields":[{}]}' },
  ],
  ['fewer rows than it counts', { status: 200, headers: json, body: '{"totalSize":"2","done":true,"records":[]}' }],
  ['a page that goes on nowhere', { status: 200, headers: json, body: '{"totalSize":2,"done":false,"records":[]}' }],
  ['a body that only says it is packed', { status: 200, headers: { ...json, 'content-encoding': 'gzip' }, body: '{"totalSize":0}' }],
  ['another address', { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' }],
  ['a permanent other address', { status: 308, headers: { location: 'https://elsewhere.example/' }, body: '' }],
  ['a page that something is not found', { status: 404, body: '<html>404</html>' }],
  ['a page that it is forbidden', { status: 403, body: '<html>WAF</html>' }],
  ['a page of a bad request', { status: 400, body: '<html>Bad Request</html>' }],
  ['a time-out of the request', { status: 408, body: '' }],
  ['a page of a failure', { status: 500, body: '<html>Oops</html>' }],
  ['a gateway', { status: 502, body: '' }],
  ['a status nobody knows', { status: 599, body: '{}' }],
];

describe('Salesforce: whatever is answered', () => {
  let bench: SalesforceBench;
  let direct: TargetPort;
  let port: TargetPort;
  let session: Session;
  let record: TargetRecord;
  let records: readonly TargetRecord[];
  beforeAll(async () => {
    bench = await salesforceBench();
    direct = bench.connect('runner');
    port = bench.connect('runner', 'proxy');
    const maker = await direct.open();
    const keys = ['CANARY-1', 'CANARY-2'];
    const made = await maker.write(
      'account',
      keys.map((key) => rowOf('create', accountSamples.record(key))),
      passing,
    );
    records = await direct.get('account', made.map(idOf));
    record = records[0]!;
    await maker.close();
  });
  beforeEach(async () => {
    session = await port.open();
    await port.count('account');
  });
  afterEach(async () => {
    await bench.fault(null);
  });
  afterAll(async () => {
    await bench.stop();
  });

  const answering = async (answer: Answer, match: FaultRule['match'] = { pathPrefix: '/services/data' }): Promise<void> => {
    await bench.fault({ match, action: 'reject', ...answer });
  };
  const two = (): Promise<readonly RowOutcome[]> =>
    session.write(
      'account',
      ['a', 'b'].map((key) => rowOf('create', accountSamples.record(key))),
      passing,
    );

  test.each(strange)('%s to a read is unavailable, and never an empty answer', async (_what, answer) => {
    await answering(answer);
    for (const read of [
      () => port.findByKey('account', ['CANARY-1']),
      () => port.get('account', [record.id]),
      () => port.findByFields('account', [{ Name: 'x' }]),
      () => port.count('account'),
      () => port.describe('account'),
      () => port.changesSince(['account'], '2020-01-01T00:00:00Z')[Symbol.asyncIterator]().next(),
      () => port.probe(),
    ]) {
      const failure = await failureOf(read());
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
      expect(failure.message).toMatch(/^crm: /);
    }
  });

  test.each(strange)('%s to a write leaves every row unknown', async (_what, answer) => {
    await answering(answer, { method: 'POST' });
    expect(outcomesOf(await two())).toEqual(['unknown', 'unknown']);
    await bench.fault(null);
    await answering(answer, { method: 'DELETE' });
    expect(outcomesOf(await session.write('lead', [rowOf('delete', {}, { id: '00Q000000000001AAA' })], passing))).toEqual(['unknown']);
  });

  test.each(strange)(
    '%s to the reading before a conditional write sends nothing, and takes the record for gone in no case',
    async (_what, answer) => {
      await answering(answer, { method: 'GET' });
      const failure = await failureOf(session.write('account', [rowOf('update', { BookOfRecord__c: 'erp:1' }, record)], passing));
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
    },
  );

  test.each(strange)('%s to a conditional write is unknown, or what the record then shows', async (_what, answer) => {
    await answering(answer, { method: 'PATCH' });
    const [outcome] = await session.write('account', [rowOf('update', { BookOfRecord__c: 'erp:1' }, record)], passing);
    // A 2xx says that it was done, and reading back shows that it was not.
    expect(['unknown', 'rejected silentNoOp']).toContain(outcomesOf([outcome!])[0]);
  });

  const stamped = (): Promise<readonly RowOutcome[]> =>
    session.write(
      'account',
      records.map((one) => rowOf('update', { BookOfRecord__c: 'erp:1' }, one)),
      passing,
    );

  test.each(strange)(
    '%s to the reading before several conditional writes sends nothing, and takes no record for gone',
    async (_what, answer) => {
      await answering(answer, { bodyIncludes: '"method":"GET"' });
      const failure = await failureOf(stamped());
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
      await bench.fault(null);
      expect((await direct.get('account', [record.id]))[0]?.fields['BookOfRecord__c']).toBeNull();
    },
  );

  test.each(strange)('%s to several conditional writes leaves every row unknown', async (_what, answer) => {
    await answering(answer, { bodyIncludes: '"method":"PATCH"' });
    expect(outcomesOf(await stamped())).toEqual(['unknown', 'unknown']);
  });

  test.each(strange)('%s to the reading back of several conditional writes leaves every row unknown', async (_what, answer) => {
    await answering(answer, { method: 'GET' });
    expect(outcomesOf(await stamped())).toEqual(['unknown', 'unknown']);
    await bench.fault(null);
    const fresh = await direct.get(
      'account',
      records.map(({ id }) => id),
    );
    const lane = await direct.open();
    const back = fresh.map((one) => rowOf('update', { BookOfRecord__c: null }, one));
    expect(outcomesOf(await lane.write('account', back, passing))).toEqual(['applied', 'applied']);
    await lane.close();
    records = await direct.get(
      'account',
      records.map(({ id }) => id),
    );
  });

  const told = (httpStatusCode: unknown, body: unknown = null, call = 0): unknown => ({
    body,
    httpHeaders: {},
    httpStatusCode,
    referenceId: `call${String(call)}`,
  });
  const error = (errorCode: string) => [{ errorCode, message: 'secret words', fields: [] }];
  test.each<[string, readonly unknown[], readonly string[]]>([
    ['fewer answers than calls', [told(204)], ['unknown', 'unknown']],
    ['two answers of one name', [told(204), told(204)], ['unknown', 'unknown']],
    ['answers of other names', [told(204, null, 7), told(204, null, 8)], ['unknown', 'unknown']],
    ['no status', [told(204), told('204', null, 1)], ['unknown', 'unknown']],
    ['nothing known', [null, 3], ['unknown', 'unknown']],
    [
      'a failure of one',
      [told(500, error('UNKNOWN_EXCEPTION')), told(412, error('PRECONDITION_FAILED'), 1)],
      ['unknown', 'rejected conflict'],
    ],
    ['another status of one', [told(304), told(400, error('UNABLE_TO_LOCK_ROW'), 1)], ['unknown', 'rejected locked']],
    ['a page for one', [told(404, '<html>404</html>'), told(403, error('REQUEST_LIMIT_EXCEEDED'), 1)], ['unknown', 'rejected throttled']],
    ['done, which it is not', [told(204), told(204, null, 1)], ['rejected silentNoOp', 'rejected silentNoOp']],
  ])('%s to a composite of conditional writes is told of each row as it is', async (_what, compositeResponse, outcomes) => {
    await answering({ status: 200, headers: json, body: JSON.stringify({ compositeResponse }) }, { bodyIncludes: '"method":"PATCH"' });
    const rows = await stamped();
    expect(outcomesOf(rows)).toEqual(outcomes);
    expect(JSON.stringify(rows)).not.toContain('secret words');
  });

  test.each(strange)('%s to a login is auth or unavailable', async (_what, answer) => {
    await answering(answer, { pathPrefix: '/services/oauth2/token' });
    const failure = await failureOf(port.open());
    expect(['auth', 'unavailable']).toContain(failure.kind);
    expect(failure.message).toMatch(/^crm: /);
  });

  test.each(strange)('%s to the end of a session is no confirmation, unless it is empty', async (what, answer) => {
    if (answer.status === 200 && !String(answer.body).startsWith('<') && answer.headers?.['content-encoding'] === undefined) return;
    await answering(answer, { pathPrefix: '/services/oauth2/revoke' });
    expect([what, (await failureOf(session.close())).kind]).toEqual([what, 'unavailable']);
  });

  test.each([
    ['REQUEST_RUNNING_TOO_LONG', 'unavailable'],
    ['STORAGE_LIMIT_EXCEEDED', 'unavailable'],
    ['LICENSE_LIMIT_EXCEEDED', 'unavailable'],
    ['SERVER_UNAVAILABLE', 'unavailable'],
    ['UNABLE_TO_LOCK_ROW', 'locked'],
    ['REQUEST_LIMIT_EXCEEDED', 'throttled'],
    ['TXN_SECURITY_METERING_ERROR', 'throttled'],
    ['TXN_SECURITY_NO_ACCESS', 'auth'],
    ['API_DISABLED_FOR_ORG', 'auth'],
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'unavailable'],
  ])('%s says nothing about the record, in a receipt and for the whole call', async (code, kind) => {
    const body = JSON.stringify(
      ['a', 'b'].map(() => ({ success: false, errors: [{ statusCode: code, message: 'secret words', fields: [] }] })),
    );
    await answering({ status: 200, headers: json, body }, { method: 'POST' });
    const outcomes = await two();
    expect(outcomesOf(outcomes)).toEqual([`rejected ${kind}`, `rejected ${kind}`]);
    await bench.fault(null);
    await answering(refusal(code, 403), { method: 'POST' });
    const whole = await two().then(
      (rows) => rows.map((row) => ('kind' in row ? row.kind : row.outcome)),
      (error: unknown) => Array.from({ length: 2 }, () => (error as { readonly kind: string }).kind),
    );
    expect(whole).toEqual([kind, kind]);
    expect(JSON.stringify(outcomes)).not.toContain('secret words');
  });

  test('a receipt with a doubled id leaves the rows it names unknown, and the others as they are', async () => {
    const [one, other] = ['001000000000001AAA', '001000000000002AAA'];
    const body = JSON.stringify([one, one, other].map((id) => ({ id, success: true, errors: [] })));
    await answering({ status: 200, headers: json, body }, { method: 'POST' });
    const rows = ['a', 'b', 'c'].map((key) => rowOf('create', accountSamples.record(key)));
    expect(outcomesOf(await session.write('account', rows, passing))).toEqual(['unknown', 'unknown', 'applied']);
  });

  test('a receipt that says both done and refused, or names another record, is unknown', async () => {
    const body = JSON.stringify([
      { success: true, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
      { success: false, errors: [] },
      { id: '00Q000000000009AAA', success: true, errors: [] },
    ]);
    await answering({ status: 200, headers: json, body }, { method: 'PATCH' });
    const rows = ['1', '2', '3'].map((n) => rowOf('update', { Company: 'x' }, { id: `00Q00000000000${n}AAA` }));
    expect(outcomesOf(await session.write('lead', rows, passing))).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test.each([
    ['unknown_error', 'retry your request', 'unavailable'],
    ['server_error', 'try later', 'unavailable'],
    ['temporarily_unavailable', '', 'unavailable'],
    ['invalid_grant', 'login rate exceeded', 'throttled'],
    ['invalid_grant', 'user hasn’t approved this consumer', 'auth'],
    ['inactive_user', 'user is inactive', 'auth'],
    ['inactive_org', 'organization is locked, closed, or suspended', 'auth'],
    ['unsupported_grant_type', 'grant type not supported', 'auth'],
    ['something_new', 'words of tomorrow', 'auth'],
  ])('a login refused with %s (%s) is told in those words as %s', async (error, words, kind) => {
    await answering(
      { status: 400, headers: json, body: JSON.stringify({ error, error_description: words }) },
      { pathPrefix: '/services/oauth2/token' },
    );
    const failure = await failureOf(port.open());
    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(error);
    expect(failure.message).toContain(words);
  });

  test('a wait that is asked for is carried with the rows and with the failure', async () => {
    await answering({ ...refusal('UNABLE_TO_LOCK_ROW'), headers: { ...json, 'retry-after': '30' } }, { method: 'POST' });
    expect(await two()).toMatchObject([
      { kind: 'locked', retryAfterMs: 30_000 },
      { kind: 'locked', retryAfterMs: 30_000 },
    ]);
    await bench.fault(null);
    await answering({ ...refusal('REQUEST_LIMIT_EXCEEDED', 403), headers: { ...json, 'retry-after': '30' } });
    expect((await failureOf(port.count('account'))).retryAfterMs).toBe(30_000);
  });

  test('a session that was ended is refused for writes, and logged in again once for reads', async () => {
    await answering(refusal('INVALID_SESSION_ID', 401));
    expect((await failureOf(two())).kind).toBe('auth');
    expect((await failureOf(port.count('account'))).kind).toBe('auth');
    await bench.fault(null);
    expect(await port.count('account')).toBe(await direct.count('account'));
  });
});

describe('Salesforce: keys and fields', () => {
  let bench: SalesforceBench;
  let port: TargetPort;
  let session: Session;
  beforeAll(async () => {
    bench = await salesforceBench();
    port = bench.connect('runner');
    session = await port.open();
  });
  afterAll(async () => {
    await bench.stop();
  });

  test('finds many long keys of any letters, which take several bytes each in an address', async () => {
    for (const letter of ['ü', '漢', '😀', '%', ' x']) {
      const keys = Array.from({ length: 100 }, (_, index) => `${String(index)}-${letter.repeat(15)}`);
      const rows = keys.map((key) => rowOf('create', { Name: 'x', AccountNumber: key }));
      expect(new Set(outcomesOf(await session.write('account', rows, passing)))).toEqual(new Set(['applied']));
      expect((await port.findByKey('account', keys)).map(({ key }) => key).sort()).toEqual([...keys].sort());
    }
    expect(await port.findByKey('account', ['ü'.repeat(30_000)])).toEqual([]);
  });

  test('tells a record for every key that Salesforce takes for the same', async () => {
    await session.write('account', [rowOf('create', { Name: 'x', AccountNumber: 'abc' })], passing);
    const found = await port.findByKey('account', ['abc', 'ABC', ' abc ', 'abd', 'abc']);
    expect(found.map(({ key }) => key)).toEqual(['abc', 'ABC', ' abc ']);
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
  });

  test.each<[string, SalesforceSeed, string]>([
    ['a hidden field', { hiddenFields: ['Account.Phone', 'Account.BillingCity'] }, 'may not see the fields Phone, BillingCity of Account'],
    ['a hidden field of a lead', { hiddenFields: ['Lead.Description'] }, 'may not see the fields Description of Lead'],
    ['a hidden field of a user', { hiddenFields: ['User.Email'] }, 'may not see the fields Email of User'],
    [
      'a key field that is a number',
      { fieldTypes: { AccountNumber: 'double' } },
      'AccountNumber of Account is of type double; name as keyField a text',
    ],
    ['a pointer that is a restricted list', { fieldTypes: { BookOfRecord__c: 'picklist' } }, 'takes only the values of its list'],
    ['a marker that is a list', { fieldTypes: { CutoverEffect__c: 'picklist' } }, 'CutoverEffect__c of Account must be a text'],
  ])('preflight names %s', async (_what, seed, words) => {
    const other = await salesforceBench(seed);
    const { problems } = await other.connect('runner').probe();
    expect(problems).toEqual([expect.stringContaining(words)]);
    await other.stop();
  });
});
