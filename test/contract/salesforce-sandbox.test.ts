import type { Fields } from '../../contracts/fields.ts';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSalesforce } from '../../adapters/salesforce/salesforce.ts';
import type { Session, TargetPort } from '../../contracts/adapter.ts';
import { unmetFields } from '../../domain/effects/fields.ts';
import type { SalesforceSeed } from '../../sandbox/salesforce/seed-data.ts';
import { accountSamples, clients, crmPlan, salesforceBench } from './salesforce-bench.ts';
import type { SalesforceBench } from './salesforce-bench.ts';
import { changesSince, failureOf, idOf, outcomesOf, passing, rowOf, targetSuite } from './target-suite.ts';

targetSuite('Salesforce sandbox: accounts', () => salesforceBench(), accountSamples);

describe('Salesforce sandbox: its own ways', () => {
  let bench: SalesforceBench;
  /** Waits until the proxy holds a call back. */
  const heldBack = async (): Promise<void> => {
    while ((await bench.faultHits()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  let port: TargetPort;
  let session: Session;
  beforeAll(async () => {
    bench = await salesforceBench();
    port = bench.connect('runner');
    session = await port.open();
  });
  afterAll(async () => {
    await session.close();
    await port.dispose();
    await bench.stop();
  });
  const account = async (key = accountSamples.newKey(), fields: Fields = {}) => {
    const [outcome] = await session.write('account', [rowOf('create', { ...accountSamples.record(key), ...fields })], passing);
    const [record] = await port.get('account', [idOf(outcome)]);
    return record!;
  };

  test('gives every row of a collection its own outcome: good rows stay, each bad one says why', async () => {
    const key = accountSamples.newKey();
    const good = accountSamples.record(key);
    const outcomes = await session.write(
      'account',
      [
        rowOf('create', good),
        rowOf('create', { ...good, AccountNumber: 'x'.repeat(41) }),
        rowOf('create', { AccountNumber: `${key}-2` }),
        rowOf('create', { ...good, AccountNumber: `${key}-3` }),
      ],
      passing,
    );
    expect(outcomesOf(outcomes)).toEqual(['applied', 'rejected invalidData', 'rejected invalidData', 'applied']);
    expect(outcomes[1]).toMatchObject({ message: expect.stringContaining('STRING_TOO_LONG (AccountNumber)') });
    expect(outcomes[2]).toMatchObject({ message: expect.stringContaining('REQUIRED_FIELD_MISSING (Name)') });
    expect(JSON.stringify(outcomes)).not.toContain('Futterkiste');
    expect((await port.findByKey('account', [key, `${key}-2`, `${key}-3`])).map((record) => record.key).sort()).toEqual([key, `${key}-3`]);
  });

  test.each([
    ['UNABLE_TO_LOCK_ROW', 'locked'],
    ['DUPLICATES_DETECTED', 'duplicate'],
    ['DUPLICATE_VALUE', 'duplicate'],
    ['ENTITY_IS_DELETED', 'notFound'],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'invalidData'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'unsupported'],
    ['ENTITY_IS_LOCKED', 'unsupported'],
  ])('tells a row refused with %s as %s', async (statusCode, kind) => {
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    const body = JSON.stringify([{ success: false, errors: [{ statusCode, message: 'secret words of a record', fields: [] }] }]);
    await bench.fault({
      match: accountSamples.createCall,
      action: 'reject',
      status: 200,
      body,
      headers: { 'content-type': 'application/json' },
    });
    const outcomes = await lane.write('account', [rowOf('create', accountSamples.record('a'))], passing);
    await bench.fault(null);
    expect(outcomesOf(outcomes)).toEqual([`rejected ${kind}`]);
    expect(JSON.stringify(outcomes)).not.toContain('secret words');
    await proxied.dispose();
  });

  test('sends each call once: a lost answer to a read or a write is not asked for again', async () => {
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    await proxied.count('account');
    const calls = async (): Promise<number> => ((await bench.control('journal')) as unknown[]).length;
    const before = await calls();
    await bench.fault({ match: { pathPrefix: '/services/data' }, action: 'loseResponse' });
    expect((await failureOf(proxied.count('account'))).kind).toBe('unavailable');
    await lane.write('account', [rowOf('create', accountSamples.record(accountSamples.newKey()))], passing);
    await bench.fault(null);
    expect(await calls()).toBe(before + 2);
    await proxied.dispose();
  });

  test('writes a pointer only under the version it was read with, even when another edit falls between its own read and write', async () => {
    const record = await account();
    const person = bench.connect('person');
    const theirs = await person.open();
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    // The proxy holds our PATCH back; meanwhile a person changes the record, after we compared it with its stamp.
    await bench.fault({ match: { method: 'PATCH', bodyIncludes: 'erp:7' }, action: 'slow', delayMs: 4_000 });
    const ours = lane.write('account', [rowOf('update', { BookOfRecord__c: 'erp:7' }, record)], passing);
    await heldBack();
    expect(outcomesOf(await theirs.write('account', [rowOf('update', { BillingCity: 'Rostock' }, { id: record.id })], passing))).toEqual([
      'applied',
    ]);
    expect(outcomesOf(await ours)).toEqual(['rejected conflict']);
    await bench.fault(null);
    const [after] = await port.get('account', [record.id]);
    expect(after?.fields).toMatchObject({ BillingCity: 'Rostock', BookOfRecord__c: null });
    await Promise.all([person.dispose(), proxied.dispose()]);
  });

  test('finds a person’s edit within the same second as the read', async () => {
    const record = await account();
    const person = bench.connect('person');
    const theirs = await person.open();
    await theirs.write('account', [rowOf('update', { Phone: '1' }, { id: record.id })], passing);
    const [read] = await port.get('account', [record.id]);
    await theirs.write('account', [rowOf('update', { Phone: '2' }, { id: record.id })], passing);
    expect(outcomesOf(await session.write('account', [rowOf('update', { BookOfRecord__c: 'erp:1' }, read)], passing))).toEqual([
      'rejected conflict',
    ]);
    await person.dispose();
  });

  test('leaves a record alone that holds what is to be written, and refuses one that is gone', async () => {
    const record = await account();
    expect(
      outcomesOf(
        await session.write(
          'account',
          [rowOf('update', { Phone: ' 030-0074321 ', CutoverEffect__c: record.marker, BookOfRecord__c: '' }, record)],
          passing,
        ),
      ),
    ).toEqual(['unchanged']);
    expect(outcomesOf(await session.write('account', [rowOf('delete', {}, record)], passing))).toEqual(['applied']);
    expect(outcomesOf(await session.write('account', [rowOf('update', { Phone: '1' }, record)], passing))).toEqual(['rejected notFound']);
    expect(outcomesOf(await session.write('account', [rowOf('update', { Phone: '1' }, { id: record.id })], passing))).toEqual([
      'rejected notFound',
    ]);
  });

  const accounts = async (count: number) => {
    const rows = Array.from({ length: count }, () => rowOf('create', accountSamples.record(accountSamples.newKey())));
    return port.get('account', (await session.write('account', rows, passing)).map(idOf));
  };

  test('of several stamped rows none loses its outcome when the deadline passes between two calls', async () => {
    const records = await accounts(30);
    let sent = 0;
    const outcomes = await session.write(
      'account',
      records.map((record) => rowOf('update', { Phone: '1' }, record)),
      {
        signal: passing.signal,
        beforeSend: () => {
          sent += 1;
          if (sent > 1) throw new Error('the deadline has passed');
        },
      },
    );
    expect(outcomesOf(outcomes)).toEqual(records.map((_, place) => (place < 25 ? 'applied' : 'rejected unavailable')));
    const phones = (
      await port.get(
        'account',
        records.map(({ id }) => id),
      )
    ).map(({ fields }) => fields['Phone']);
    expect(phones).toEqual(records.map((_, place) => (place < 25 ? '1' : '030-0074321')));
  });

  test.each([25, 100])('writes %i stamped rows in three calls for each 25 of them', async (count) => {
    const records = await accounts(count);
    const { used } = await port.usage();
    const outcomes = await session.write(
      'account',
      records.map((record) => rowOf('update', { BookOfRecord__c: 'erp:1' }, record)),
      passing,
    );
    expect((await port.usage()).used - used).toBe((3 * count) / 25);
    expect(new Set(outcomesOf(outcomes))).toEqual(new Set(['applied']));
    expect(outcomes.map(idOf)).toEqual(records.map(({ id }) => id));
  });

  test('a row that is refused, gone, as it should be, or changed by a person in the middle of its batch takes none of the others with it', async () => {
    const [changed, early, refused, gone, same, ...others] = await accounts(12);
    const person = bench.connect('person');
    const theirs = await person.open();
    await theirs.write('account', [rowOf('update', { BillingCity: 'Kiel' }, { id: early!.id })], passing);
    await theirs.write('account', [rowOf('delete', {}, { id: gone!.id })], passing);
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    // The proxy holds our changes back, after all rows were compared with their stamps.
    await bench.fault({ match: { bodyIncludes: '"method":"PATCH"' }, action: 'slow', delayMs: 4_000 });
    const writing = lane.write(
      'account',
      [
        ...[changed, early, gone, ...others].map((record) => rowOf('update', { BookOfRecord__c: 'erp:7' }, record)),
        rowOf('update', { BookOfRecord__c: 'x'.repeat(500) }, refused),
        rowOf('update', { Phone: '030-0074321' }, same),
      ],
      passing,
    );
    await heldBack();
    await theirs.write('account', [rowOf('update', { BillingCity: 'Rostock' }, { id: changed!.id })], passing);
    expect(outcomesOf(await writing)).toEqual([
      ...['rejected conflict', 'rejected conflict', 'rejected notFound'],
      ...others.map(() => 'applied'),
      ...['rejected invalidData', 'unchanged'],
    ]);
    await bench.fault(null);
    const after = new Map(
      (
        await port.get(
          'account',
          [changed!, early!, refused!, ...others].map(({ id }) => id),
        )
      ).map((one) => [one.id, one.fields]),
    );
    expect(after.get(changed!.id)).toMatchObject({ BillingCity: 'Rostock', BookOfRecord__c: null });
    expect(after.get(early!.id)).toMatchObject({ BillingCity: 'Kiel', BookOfRecord__c: null });
    expect(after.get(refused!.id)).toMatchObject({ BookOfRecord__c: null });
    for (const { id } of others) expect(after.get(id)).toMatchObject({ BookOfRecord__c: 'erp:7' });
    await Promise.all([person.dispose(), proxied.dispose()]);
  });

  test('a row whose call was answered, but not counted, is unknown, and none that was sent is told as not sent', async () => {
    const records = await accounts(30);
    let ended = 0;
    // The fifth call is the second change: reading, changing and reading back the first 25 come before it, and reading the others.
    const end = (): Promise<void> => ((ended += 1) === 5 ? Promise.reject(new Error('the ledger went away')) : Promise.resolve());
    const values = { loginUrl: bench.url, clientId: clients.cutover, clientSecret: bench.secrets.cutover };
    const meter = { start: () => Promise.resolve({ end }) };
    const metered = createSalesforce(crmPlan, { system: 'crm', callTimeoutMs: 10_000, values, meter });
    const lane = await metered.open();
    const rows = records.map((record) => rowOf('update', { BookOfRecord__c: 'erp:9' }, record));
    expect(outcomesOf(await lane.write('account', rows, passing))).toEqual(records.map((_, place) => (place < 25 ? 'applied' : 'unknown')));
    const after = await port.get(
      'account',
      records.map(({ id }) => id),
    );
    expect(new Set(after.map(({ fields }) => fields['BookOfRecord__c']))).toEqual(new Set(['erp:9']));
    await lane.close();
  });

  test('gives an API version that does not take the calls of a composite in their order each of them by itself', async () => {
    const records = await accounts(2);
    let calls = 0;
    const values = { loginUrl: bench.url, clientId: clients.cutover, clientSecret: bench.secrets.cutover };
    const meter = { start: () => ((calls += 1), Promise.resolve({ end: () => Promise.resolve() })) };
    const old = createSalesforce({ ...crmPlan, apiVersion: '47.0' }, { system: 'crm', callTimeoutMs: 10_000, values, meter });
    const lane = await old.open();
    const rows = records.map((record) => rowOf('update', { BookOfRecord__c: 'erp:8' }, record));
    expect(outcomesOf(await lane.write('account', rows, passing))).toEqual(['applied', 'applied']);
    // Each is read, changed and read back.
    expect(calls).toBe(6);
    await lane.close();
  });

  test('writes a text that a composite would take for a reference as it stands', async () => {
    const records = await accounts(5);
    const texts = ['erp:1', 'erp:2', '@{call0.Id}', 'erp:4', '@{call3.Name}'];
    const outcomes = await session.write(
      'account',
      records.map((record, place) => rowOf('update', { BookOfRecord__c: texts[place]! }, record)),
      passing,
    );
    expect(outcomes.map(idOf)).toEqual(records.map(({ id }) => id));
    const after = await port.get(
      'account',
      records.map(({ id }) => id),
    );
    expect(after.map(({ fields }) => fields['BookOfRecord__c'])).toEqual(texts);
  });

  test('deletes stamped rows together, but not one that a person changed since it was read', async () => {
    const [changed, ...others] = await accounts(4);
    const person = bench.connect('person');
    await (await person.open()).write('account', [rowOf('update', { Phone: '2' }, { id: changed!.id })], passing);
    await port.count('account');
    const { used } = await port.usage();
    const rows = [changed, ...others].map((record) => rowOf('delete', {}, record));
    expect(outcomesOf(await session.write('account', rows, passing))).toEqual(['rejected conflict', 'applied', 'applied', 'applied']);
    expect((await port.usage()).used - used).toBe(2);
    expect(
      (
        await port.get(
          'account',
          [changed!, ...others].map(({ id }) => id),
        )
      ).map(({ id }) => id),
    ).toEqual([changed!.id]);
    await person.dispose();
  });

  test('reads users by e-mail address, the inactive too, and writes none', async () => {
    const email = 'Anne.Dodsworth@northwind.example';
    await bench.seed({ users: [{ Name: 'Anne Dodsworth', Email: email, Username: email, IsActive: false }] });
    const [user] = await port.findByKey('user', ['Anne.Dodsworth@northwind.example']);
    expect(user).toMatchObject({ state: 'inactive', fields: { Name: 'Anne Dodsworth', IsActive: false } });
    expect(outcomesOf(await session.write('user', [rowOf('update', { Name: 'x' }, user)], passing))).toEqual(['rejected unsupported']);
  });

  test('a canary lead is created, found by its address, proved ours and deleted; a visitor’s lead is not ours', async () => {
    const [outcome] = await session.write(
      'lead',
      [rowOf('create', { Company: 'CANARY', LastName: 'Canary', Email: 'canary-1@example.com', LeadSource: 'Other' })],
      passing,
    );
    expect(await port.findByKey('lead', ['canary-1@example.com'])).toMatchObject([{ id: idOf(outcome), createdByUs: true }]);
    await fetch(`${bench.url}/servlet/servlet.WebToLead?encoding=UTF-8`, {
      method: 'POST',
      body: new URLSearchParams({ last_name: 'Visitor', company: 'Exotic Liquids', email: 'visitor@example.com' }),
    });
    expect(await port.findByKey('lead', ['visitor@example.com'])).toMatchObject([{ createdByUs: false }]);
    expect(outcomesOf(await session.write('lead', [rowOf('delete', {}, { id: idOf(outcome) })], passing))).toEqual(['applied']);
    expect(await port.count('lead')).toBe(1);
  });

  test('takes a text into a query as it is, whatever characters it has', async () => {
    const number = `O'N\\"e\\ni\nl\\' OR Name != '`;
    const record = await account(number);
    expect((await port.findByKey('account', [number])).map((found) => found.id)).toEqual([record.id]);
    for (const text of [`' OR Name != '`, `\\' OR Name != '`])
      expect(await port.findByFields('account', [{ AccountNumber: text }])).toEqual([[]]);
  });

  test('finds the ten of each search that are wanted, also where another search of the same call finds many', async () => {
    const name = `Twins ${accountSamples.newKey()}`;
    for (let times = 0; times < 25; times += 1) await account(accountSamples.newKey(), { Name: name });
    const other = await account(accountSamples.newKey(), { Name: `${name} Ltd` });
    const [twins, others] = await port.findByFields('account', [{ Name: name }, { Name: `${name} ltd` }]);
    expect(twins).toHaveLength(10);
    expect(others?.map(({ id }) => id)).toEqual([other.id]);
  });

  test('reads all pages of a long answer', async () => {
    const keys = Array.from({ length: 2_050 }, () => accountSamples.newKey());
    for (let start = 0; start < keys.length; start += 200)
      await session.write(
        'account',
        keys.slice(start, start + 200).map((key) => rowOf('create', { Name: 'Long list', AccountNumber: key })),
        passing,
      );
    const found = await port.findByKey('account', keys);
    expect(new Set(found.map((record) => record.key)).size).toBe(2_050);
  });

  test('tells the organization’s calls and its limit, and a used-up limit as throttled', async () => {
    const small = await salesforceBench({ dailyRequests: 3 });
    const runner = small.connect('runner');
    const lane = await runner.open();
    for (let call = 0; call < 3; call += 1) await runner.count('account');
    expect(await runner.usage()).toEqual({ used: 3, limit: 3 });
    const failure = await failureOf(lane.write('account', [rowOf('create', accountSamples.record('a'))], passing));
    expect([failure.kind, failure.unknownOutcome]).toEqual(['throttled', false]);
    expect(await small.control('creates')).toEqual({});
    await small.stop();
  });

  test('logs in by a signed claim, and not by one signed with another key', async () => {
    const pair = () =>
      generateKeyPairSync('rsa', {
        modulusLength: 2_048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
    const [right, wrong] = [pair(), pair()];
    const signed = await salesforceBench({}, right.publicKey);
    const values = { loginUrl: signed.url, clientId: clients.cutover, username: 'cutover@organization.example' };
    expect(await signed.port({ ...values, privateKey: right.privateKey }).count('account')).toBe(0);
    const audience = 'https://login.salesforce.com';
    expect(await signed.port({ ...values, privateKey: right.privateKey, audience }).count('account')).toBe(0);
    for (const fault of [
      { privateKey: wrong.privateKey },
      { audience: 'https://elsewhere.example' },
      { username: 'somebody@organization.example' },
    ]) {
      const failure = await failureOf(signed.port({ ...values, privateKey: right.privateKey, ...fault }).count('account'));
      expect(failure.kind).toBe('auth');
      expect(failure.message).not.toContain('PRIVATE KEY');
    }
    await signed.stop();
  });

  test('preflight names missing custom fields and missing rights, each with its remedy', async () => {
    const poor = await salesforceBench({ missingFields: ['CutoverEffect__c'], missingRights: ['update Account', 'delete Lead'] });
    const { problems } = await poor.connect('runner').probe();
    expect(problems).toEqual([
      expect.stringContaining('right to read and edit accounts'),
      expect.stringContaining('Account has no field CutoverEffect__c'),
      expect.stringContaining('right to read, create, edit and delete leads'),
    ]);
    await poor.stop();
  });

  test('tells a write that a rule takes back at once as a silent no-op', async () => {
    const strict = await salesforceBench({ revertedFields: ['BookOfRecord__c'] });
    const runner = strict.connect('runner');
    const lane = await runner.open();
    const [made] = await lane.write('account', [rowOf('create', accountSamples.record('CANARY-1'))], passing);
    const [record] = await runner.get('account', [idOf(made)]);
    expect(outcomesOf(await lane.write('account', [rowOf('update', { BookOfRecord__c: 'erp:1' }, record)], passing))).toEqual([
      'rejected silentNoOp',
    ]);
    await strict.stop();
  });

  test('preflight refuses a user who may modify all data, an API version that is not offered or too old, and logins that cannot be told apart or ended', async () => {
    const probed = async (seed: SalesforceSeed, apiVersion = crmPlan.apiVersion): Promise<string> => {
      const other = await salesforceBench(seed);
      const values = { loginUrl: other.url, clientId: clients.cutover, clientSecret: other.secrets.cutover };
      const { problems } = await other.port(values, { ...crmPlan, apiVersion }).probe();
      await other.stop();
      expect(problems).toHaveLength(1);
      return problems.join();
    };
    expect(await probed({ administrator: true })).toContain('is an administrator');
    expect(await probed({}, '99.0')).toContain('does not offer API version 99.0, but 67.0 at most');
    expect(await probed({}, '47.0')).toContain('give 48.0 or a newer one as apiVersion');
    expect(await probed({ sharedTokens: true })).toContain('share one access token');
    expect(await probed({ lasting: true })).toContain('revoked access token was still accepted');
  });

  test('restores a pointer to nothing, and the number that was filled in with it', async () => {
    const record = await account();
    const changed = { BookOfRecord__c: 'erp:1', AccountNumber: 'CANARY-9' };
    await session.write('account', [rowOf('update', changed, record)], passing);
    const [pointed] = await port.get('account', [record.id]);
    expect(pointed?.fields).toEqual({ ...record.fields, ...changed });
    const before = { BookOfRecord__c: null, AccountNumber: record.fields['AccountNumber'] ?? null };
    expect(outcomesOf(await session.write('account', [rowOf('update', before, pointed)], passing))).toEqual(['applied']);
    expect((await port.get('account', [record.id]))[0]?.fields).toEqual(record.fields);
  });

  test('leaves a write unknown that a rule of the organization took back in part', async () => {
    const record = await account();
    await bench.seed({ revertedFields: ['AccountNumber'] });
    const changed = { BookOfRecord__c: 'erp:1', AccountNumber: 'CANARY-8' };
    expect(outcomesOf(await session.write('account', [rowOf('update', changed, record)], passing))).toEqual(['unknown']);
    await bench.seed({ revertedFields: [] });
  });

  test('takes a canary lead there and back: created, found by its address in any case, changed, restored and deleted', async () => {
    const canary = { LastName: 'CANARY-east-1', Company: 'Canary', Email: 'CANARY-east-1@canary.invalid' };
    const [outcome] = await session.write('lead', [rowOf('create', canary)], passing);
    const read = async () => (await port.findByKey('lead', [canary.Email]))[0];
    const made = await read();
    expect(made).toMatchObject({ id: idOf(outcome), key: canary.Email, state: 'active', stamp: null, createdByUs: true });
    expect(unmetFields(canary, made!.fields, port.capabilities.objects['lead'])).toEqual([]);
    for (const Company of ['Canary changed', 'Canary']) {
      expect(outcomesOf(await session.write('lead', [rowOf('update', { Company }, await read())], passing))).toEqual(['applied']);
      expect((await read())?.fields).toMatchObject({ Company });
    }
    expect(outcomesOf(await session.write('lead', [rowOf('delete', {}, made)], passing))).toEqual(['applied']);
    expect(await read()).toBeUndefined();
  });

  test('tells a call refused as a whole in the vendor’s shape as refused rows, of creates and of a conditional write', async () => {
    const record = await account();
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    const body = JSON.stringify([
      { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Futterkiste is not welcome', fields: ['Name'] },
    ]);
    const refuse = { action: 'reject', status: 400, body } as const;
    await bench.fault({ match: accountSamples.createCall, ...refuse });
    await bench.fault({ match: { method: 'PATCH' }, ...refuse });
    const outcomes = [
      ...(await lane.write('account', [rowOf('create', accountSamples.record('a')), rowOf('create', accountSamples.record('b'))], passing)),
      ...(await lane.write('account', [rowOf('update', { BookOfRecord__c: 'erp:1' }, record)], passing)),
    ];
    await bench.fault(null);
    expect(outcomesOf(outcomes)).toEqual(['rejected invalidData', 'rejected invalidData', 'rejected invalidData']);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ message: expect.stringContaining('FIELD_CUSTOM_VALIDATION_EXCEPTION (Name)') });
    expect(JSON.stringify(outcomes)).not.toContain('Futterkiste');
    await proxied.dispose();
  });

  test('says that an answer is not Salesforce’s, and keeps a write unknown for it', async () => {
    const proxied = bench.connect('runner', 'proxy');
    const lane = await proxied.open();
    await proxied.count('account');
    await bench.fault({ match: { pathPrefix: '/services/data' }, action: 'reject', status: 200, body: '<html>Maintenance</html>' });
    const failure = await failureOf(proxied.count('account'));
    expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
    expect(outcomesOf(await lane.write('account', [rowOf('create', accountSamples.record('a'))], passing))).toEqual(['unknown']);
    await bench.fault(null);
    await bench.fault({ match: { pathPrefix: '/services/data' }, action: 'reject', status: 302, body: '' });
    expect((await failureOf(proxied.count('account'))).message).toContain('own domain');
    await bench.fault(null);
    await bench.fault({ match: { pathPrefix: '/services/oauth2/token' }, action: 'reject', status: 200, body: '{}' });
    expect((await failureOf(bench.connect('runner', 'proxy').open())).kind).toBe('auth');
    await bench.fault(null);
    await proxied.dispose();
  });

  test.each([2_000, -600_000])('reads the organization’s clock when it is %i ms ahead of ours', async (clockOffsetMs) => {
    await bench.seed({ clockOffsetMs });
    const before = Date.now();
    const { earliestMs, latestMs } = await port.now();
    expect(earliestMs - clockOffsetMs).toBeLessThanOrEqual(Date.now());
    expect(latestMs - clockOffsetMs).toBeGreaterThanOrEqual(before);
    const { createdAt } = await account();
    expect(Math.abs(Date.parse(createdAt ?? '') - clockOffsetMs - before)).toBeLessThan(10_000);
    await bench.seed({ clockOffsetMs: 0 });
  });

  test('reads all pages of a long change feed', async () => {
    const since = new Date((await port.now()).earliestMs).toISOString();
    const person = bench.connect('person');
    const theirs = await person.open();
    for (let start = 0; start < 2_200; start += 200)
      await theirs.write(
        'account',
        Array.from({ length: 200 }, () => rowOf('create', accountSamples.record(accountSamples.newKey()))),
        passing,
      );
    const found = await changesSince(port, ['account'], since);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2_200);
    await theirs.close();
  });

  test('does not search by a field it does not read, and says by which it does', async () => {
    const failure = await failureOf(port.findByFields('account', [{ 'Name = null OR Name': 'x' }]));
    expect([failure.kind, failure.message]).toEqual(['invalidData', expect.stringContaining('match by Name, AccountNumber')]);
  });

  test('logs in again by itself for reads when its token was ended', async () => {
    const runner = bench.connect('runner', 'proxy');
    await runner.count('account');
    const body = JSON.stringify([{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]);
    await bench.fault({ match: { pathPrefix: '/services/data' }, action: 'reject', status: 401, body, times: 1 });
    expect(await runner.count('account')).toBe(await port.count('account'));
    await bench.fault(null);
    await runner.dispose();
  });

  test('sends four calls of a lane at a time, or as many as the connection says, and never so many that four lanes are too much', () => {
    const values = { loginUrl: bench.url, clientId: clients.cutover, clientSecret: bench.secrets.cutover };
    const pacesOf = ({ capabilities }: TargetPort): readonly unknown[] => {
      const update = capabilities.objects['account']?.paces.update;
      return [capabilities.writesInFlight, update?.writesInFlight];
    };
    expect(pacesOf(bench.port(values))).toEqual([4, 4]);
    expect(pacesOf(bench.port({ ...values, callsInFlight: '2' }))).toEqual([2, 2]);
    for (const callsInFlight of ['0', '7', '1.5', 'all'])
      expect(() => bench.port({ ...values, callsInFlight })).toThrow('callsInFlight must be a whole number from 1 to 6');
  });

  test('waits ten minutes for a lost call unless the connection knows better, and takes no horizon that is no number', () => {
    const values = { loginUrl: bench.url, clientId: clients.cutover };
    expect(bench.port(values).capabilities.commitHorizonMs).toBe(600_000);
    expect(bench.port({ ...values, commitHorizonMs: '250' }).capabilities.commitHorizonMs).toBe(250);
    expect(() => bench.port({ ...values, commitHorizonMs: 'soon' })).toThrow('must be a whole number of milliseconds');
  });
});
