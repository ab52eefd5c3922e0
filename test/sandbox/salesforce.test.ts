import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection, OAuth2 } from '@jsforce/jsforce-node';
import { createSalesforceSandbox } from '../../sandbox/salesforce/sandbox.ts';
import { clients, salesforceBench } from '../contract/salesforce-bench.ts';
import type { SalesforceBench } from '../contract/salesforce-bench.ts';

interface Account {
  readonly Id: string;
  readonly Name: string;
  readonly OwnerId: string;
  readonly Owner?: { readonly Email: string };
}

/** The sandbox through jsforce as it comes, retries and all: what it answers must be what the vendor's own client understands. */
describe('the Salesforce sandbox', () => {
  let bench: SalesforceBench;
  let person: Connection;
  beforeAll(async () => {
    bench = await salesforceBench({
      users: [
        { Name: 'Nancy Davolio', Email: 'nancy.davolio@northwind.example', Username: 'nancy', IsActive: true },
        { Name: 'Anne Dodsworth', Email: 'anne.dodsworth@northwind.example', Username: 'anne', IsActive: false },
      ],
      accounts: [
        account('ALFKI', 'nancy'),
        account('BONAP', 'anne'),
        { ...account('CACTU', 'nancy'), AccountNumber: null, pointer: 'erp:7' },
      ],
      leads: [{ LastName: 'Rancé', Company: 'La maison d’Asie' }],
    });
    person = await enter(bench.secrets.sales, clients.sales);
  });
  afterAll(() => bench.stop());

  function account(number: string, owner: 'nancy' | 'anne') {
    const ownerEmail = owner === 'nancy' ? 'Nancy.Davolio@northwind.example' : 'anne.dodsworth@northwind.example';
    return {
      Name: `Customer ${number}`,
      AccountNumber: number,
      Phone: '030-1',
      BillingPostalCode: '12209',
      BillingCity: 'Berlin',
      ownerEmail,
      pointer: null,
    };
  }
  const enter = async (clientSecret: string, clientId: string): Promise<Connection> => {
    const oauth2 = new OAuth2({ loginUrl: bench.url, clientId, clientSecret });
    const { access_token: accessToken, instance_url: instanceUrl } = await oauth2.requestToken({ grant_type: 'client_credentials' });
    return new Connection({ accessToken, instanceUrl, version: '64.0' });
  };
  const refusal = async (call: PromiseLike<unknown>): Promise<string> => {
    try {
      await call;
    } catch (error) {
      return (error as { readonly errorCode?: string }).errorCode ?? String(error);
    }
    throw new Error('expected a refusal, but the call was answered');
  };
  const raw = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: unknown): Promise<Response> =>
    fetch(`${bench.url}/services/data/v64.0${path}`, {
      method,
      headers: { authorization: `Bearer ${String(person.accessToken)}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test('holds what was seeded as keyed by a person, whoever owns it by now', async () => {
    const { records } = await person.query<Account>('SELECT Id, Name, Owner.Email, BookOfRecord__c FROM Account ORDER BY Name ASC');
    expect(records.map((record) => [record.Name, record.Owner?.Email, record['BookOfRecord__c' as 'Id']])).toEqual([
      ['Customer ALFKI', 'nancy.davolio@northwind.example', null],
      ['Customer BONAP', 'anne.dodsworth@northwind.example', null],
      ['Customer CACTU', 'nancy.davolio@northwind.example', 'erp:7'],
    ]);
  });

  test('refuses a seed whose owner is nobody, in a sentence', () => {
    const seed = { accounts: [{ ...account('X', 'nancy'), ownerEmail: 'nobody@northwind.example' }] };
    expect(() => createSalesforceSandbox({ apps: [], seed })).toThrow('the seed names an owner nobody@northwind.example who is not among');
  });

  test('answers queries by the rules of SOQL: no regard to case, null for nothing, AND before OR', async () => {
    const names = async (where: string): Promise<readonly string[]> =>
      (await person.query<Account>(`SELECT Name FROM Account WHERE ${where} ORDER BY Name`)).records.map(({ Name }) => Name.slice(-5));
    expect(await names("AccountNumber = 'alfki'")).toEqual(['ALFKI']);
    expect(await names('AccountNumber = null')).toEqual(['CACTU']);
    expect(await names("AccountNumber IN ('ALFKI', 'BONAP') AND Owner.IsActive = true")).toEqual(['ALFKI']);
    expect(await names("AccountNumber = 'ALFKI' OR AccountNumber = 'BONAP' AND Owner.IsActive = true")).toEqual(['ALFKI']);
    expect(await names("NOT (AccountNumber = 'ALFKI' OR AccountNumber = 'BONAP')")).toEqual(['CACTU']);
    expect(await names("Name LIKE 'customer b%'")).toEqual(['BONAP']);
    expect(await names('CreatedDate >= 2020-01-01T00:00:00Z')).toEqual(['ALFKI', 'BONAP', 'CACTU']);
    expect(await names("AccountNumber NOT IN ('ALFKI')")).toEqual(['BONAP', 'CACTU']);
    expect(await refusal(person.query('SELECT Nme FROM Account'))).toBe('INVALID_FIELD');
    expect(await refusal(person.query("SELECT Name FROM Account WHERE Name = 'a' b"))).toBe('MALFORMED_QUERY');
    expect(await refusal(person.query('SELECT Id FROM Contract'))).toBe('INVALID_TYPE');
    expect(await refusal(person.query('SELECT Id FROM PermissionSetAssignment'))).toBe('INVALID_TYPE');
  });

  test('gives long answers page by page, and jsforce follows', async () => {
    await bench.seed({ queryPage: 2 });
    const first = await person.query<Account>('SELECT Id FROM Account');
    expect([first.totalSize, first.done, first.records.length]).toEqual([3, false, 2]);
    const rest = await person.queryMore<Account>(first.nextRecordsUrl ?? '');
    expect([rest.done, rest.records.length]).toEqual([true, 1]);
    await bench.seed({ queryPage: 2_000 });
  });

  test('takes a record back from its own describe: what it says is required or too long is refused', async () => {
    const { fields, createable } = await person.describe('Account');
    expect(createable).toBe(true);
    const shape = (name: string) => fields.find((field) => field.name === name);
    expect([shape('Name')?.nillable, shape('Name')?.length, shape('AccountNumber')?.length]).toEqual([false, 255, 40]);
    expect(await refusal(person.create('Account', { Phone: '1' }))).toBe('REQUIRED_FIELD_MISSING');
    expect(await refusal(person.create('Account', { Name: 'x', AccountNumber: '1'.repeat(41) }))).toBe('STRING_TOO_LONG');
    expect(await refusal(person.create('Account', { Name: 'x', Nme: 'y' }))).toBe('INVALID_FIELD');
    expect(await refusal(person.create('Account', { Name: 'x', CreatedDate: '2020-01-01T00:00:00Z' }))).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    );
    expect(await refusal(person.create('Lead', { LastName: 'x', Company: 'y', Email: 'z' }))).toBe('INVALID_EMAIL_ADDRESS');
    expect(await refusal(person.create('User', { Username: 'x' }))).toBe('INSUFFICIENT_ACCESS_OR_READONLY');
    const { records } = await person.query<Account>("SELECT OwnerId FROM Account WHERE AccountNumber = 'BONAP'");
    expect(await refusal(person.create('Account', { Name: 'x', OwnerId: records[0]!.OwnerId }))).toBe('INACTIVE_OWNER_OR_USER');
  });

  test('keeps texts without blanks around them, nothing where they are empty, and e-mail addresses in small letters', async () => {
    const lead = { LastName: ' Devon ', Company: 'Consolidated', Phone: ' ', Email: 'Ann.Devon@Example.com' };
    const { id } = (await person.create('Lead', lead)) as { readonly id: string };
    expect(await person.retrieve('Lead', id)).toMatchObject({
      LastName: 'Devon',
      Phone: null,
      Email: 'ann.devon@example.com',
      Status: 'Open - Not Contacted',
    });
  });

  test('changes, deletes and no longer finds a record, by its long and its short id', async () => {
    const { id } = (await person.create('Account', { Name: 'Short lived' })) as { readonly id: string };
    await person.update('Account', { Id: id.slice(0, 15), Name: 'Shorter' });
    expect(await person.retrieve('Account', id)).toMatchObject({ Id: id, Name: 'Shorter' });
    await person.destroy('Account', id);
    expect(await refusal(person.retrieve('Account', id))).toBe('ENTITY_IS_DELETED');
    expect(await refusal(person.update('Account', { Id: id, Name: 'x' }))).toBe('ENTITY_IS_DELETED');
    expect((await person.query(`SELECT Id FROM Account WHERE Id = '${id}'`)).totalSize).toBe(0);
    expect(await refusal(person.retrieve('Account', `${id.slice(0, 12)}zzz`))).toBe('INVALID_CROSS_REFERENCE_KEY');
  });

  test('lets each record of a collection succeed or fail alone, and takes 200 of them', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => ({ LastName: `Row ${String(index)}`, Company: index === 5 ? '' : 'Collected' }));
    const results = await person.create('Lead', rows);
    expect(results.filter((result) => !result.success)).toHaveLength(1);
    expect(results[5]).toMatchObject({ success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Company'] }] });
    const ids = results.flatMap((result) => result.id ?? []);
    expect((await person.destroy('Lead', ids)).every((result) => result.success)).toBe(true);
    const tooMany = await raw('DELETE', `/composite/sobjects?ids=${[...ids, ...ids].join(',')}`);
    expect([tooMany.status, await tooMany.json()]).toEqual([400, [expect.objectContaining({ errorCode: 'EXCEEDED_ID_LIMIT' })]]);
  });

  test('gives an Account row an ETag that changes with it, and writes under a matching one only; other objects have none', async () => {
    const { id } = (await person.create('Account', { Name: 'Tagged' })) as { readonly id: string };
    const etag = (await raw('GET', `/sobjects/Account/${id}`)).headers.get('etag') ?? '';
    const write = async (tag: string, name: string) =>
      (await raw('PATCH', `/sobjects/Account/${id}`, { 'if-match': tag }, { Name: name })).status;
    expect(await write(`"other", ${etag}`, 'Matched')).toBe(204);
    expect(await write(etag, 'Late')).toBe(412);
    expect(await write('no quotes', 'Bad')).toBe(400);
    expect(await person.retrieve('Account', id)).toMatchObject({ Name: 'Matched' });
    const lead = (await person.create('Lead', { LastName: 'x', Company: 'y' })) as { readonly id: string };
    expect((await raw('GET', `/sobjects/Lead/${lead.id}`)).headers.get('etag')).toBeNull();
    expect((await raw('PATCH', `/sobjects/Lead/${lead.id}`, { 'if-match': '"any"' }, { Company: 'z' })).status).toBe(204);
  });

  test('makes the calls of a composite one after the other, each for itself, and counts them as one', async () => {
    const made = await person.create('Account', [{ Name: 'First' }, { Name: 'Second' }]);
    const ids = made.map(({ id }) => id ?? '');
    const rowUrl = (id: string): string => `/services/data/v64.0/sobjects/Account/${id}`;
    interface Told {
      readonly body: unknown;
      readonly httpHeaders: Readonly<Record<string, string>>;
      readonly httpStatusCode: number;
      readonly referenceId: string;
    }
    const composite = async (
      calls: readonly object[],
    ): Promise<{ readonly status: number; readonly told: readonly Told[]; readonly used: number }> => {
      const compositeRequest = calls.map((call, place) => ({ referenceId: `call${String(place)}`, ...call }));
      const reply = await raw('POST', '/composite', { 'content-type': 'application/json' }, { allOrNone: false, compositeRequest });
      const { compositeResponse = [] } = (await reply.json()) as { readonly compositeResponse?: readonly Told[] };
      const used = Number(/api-usage=(\d+)/.exec(reply.headers.get('sforce-limit-info') ?? '')?.[1]);
      return { status: reply.status, told: compositeResponse, used };
    };
    const read = await composite([...ids, `${ids[0]!.slice(0, 12)}zzz`].map((id) => ({ method: 'GET', url: rowUrl(id) })));
    expect(read.told.map(({ httpStatusCode, referenceId }) => [httpStatusCode, referenceId])).toEqual([
      [200, 'call0'],
      [200, 'call1'],
      [404, 'call2'],
    ]);
    expect(read.told[2]?.body).toMatchObject([{ errorCode: 'INVALID_CROSS_REFERENCE_KEY' }]);
    const etag = (await raw('GET', `/sobjects/Account/${ids[0]!}`)).headers.get('etag');
    expect(read.told[0]).toMatchObject({ body: { Name: 'First' }, httpHeaders: { ETag: etag } });
    const change = (id: string, tag: string, Name: string) => ({
      method: 'PATCH',
      url: rowUrl(id),
      httpHeaders: { 'If-Match': tag },
      body: { Name },
    });
    const tags = read.told.map(({ httpHeaders }) => httpHeaders['ETag'] ?? '');
    const written = await composite([
      change(ids[0]!, '"another"', 'Late'),
      change(ids[1]!, tags[1]!, 'Matched'),
      change(ids[0]!, tags[0]!, '@{call1.id}'),
    ]);
    expect(written.told.map(({ httpStatusCode }) => httpStatusCode)).toEqual([412, 204, 400]);
    expect(written.used - read.used).toBe(2);
    expect([await person.retrieve('Account', ids[0]!), await person.retrieve('Account', ids[1]!)]).toMatchObject([
      { Name: 'First' },
      { Name: 'Matched' },
    ]);
    const get = { method: 'GET', url: rowUrl(ids[0]!) };
    expect((await composite(Array.from({ length: 25 }, () => get))).status).toBe(200);
    for (const calls of [
      Array.from({ length: 26 }, () => get),
      [get, { ...get, referenceId: 'call0' }],
      [{ ...get, httpHeaders: { Accept: 'x' } }],
      [],
    ])
      expect((await composite(calls)).status).toBe(400);
  });

  test('refuses a duplicate where a rule of the organization says so', async () => {
    await bench.seed({ duplicateRules: ['Lead.Email'] });
    await person.create('Lead', { LastName: 'a', Company: 'b', Email: 'same@example.com' });
    expect(await refusal(person.create('Lead', { LastName: 'c', Company: 'd', Email: 'same@example.com' }))).toBe('DUPLICATES_DETECTED');
    await bench.seed({ duplicateRules: [] });
  });

  test('answers a revoked token with 401, and the others go on', async () => {
    const second = await enter(bench.secrets.sales, clients.sales);
    await new OAuth2({ loginUrl: bench.url, clientId: clients.sales }).revokeToken(String(second.accessToken));
    expect(await refusal(second.query('SELECT Id FROM Lead'))).toBe('INVALID_SESSION_ID');
    expect((await person.query('SELECT Id FROM Account')).totalSize).toBeGreaterThan(0);
    await expect(new OAuth2({ loginUrl: bench.url, clientId: clients.sales }).revokeToken(String(second.accessToken))).rejects.toThrow();
  });

  test('tells the vendor’s client how many calls were made, and refuses all calls when none are left', async () => {
    await person.query('SELECT Id FROM Account');
    const { used, limit } = person.limitInfo.apiUsage ?? { used: 0, limit: 0 };
    await person.query('SELECT Id FROM Account');
    expect(person.limitInfo.apiUsage).toEqual({ used: used + 1, limit });
    await bench.seed({ dailyRequests: used + 1 });
    expect(await refusal(person.query('SELECT Id FROM Account'))).toBe('REQUEST_LIMIT_EXCEEDED');
    await bench.seed({ dailyRequests: limit });
  });

  test('takes a lead from a web page without a login, and one that is incomplete not at all, without a word', async () => {
    const post = async (form: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(`${bench.url}/servlet/servlet.WebToLead?encoding=UTF-8`, { method: 'POST', body: new URLSearchParams(form) })).status;
    const leads = async (): Promise<number> => (await person.query("SELECT Id FROM Lead WHERE LeadSource = 'Web'")).totalSize;
    expect(await post({ last_name: 'Visitor', company: 'Exotic Liquids', email: 'visitor@example.com', lead_source: 'Web' })).toBe(200);
    expect(await leads()).toBe(1);
    expect(await post({ last_name: 'Visitor', lead_source: 'Web' })).toBe(200);
    expect(await leads()).toBe(1);
  });

  test('writes a journal without names, texts and tokens, and counts what was made, by object and user', async () => {
    const counted = async (): Promise<number> =>
      ((await bench.control('creates-by-user')) as Record<string, Record<string, number>>)['Lead']?.['sales@organization.example'] ?? 0;
    const before = await counted();
    const { id } = (await person.create('Lead', { LastName: 'Unmentionable', Company: 'Secret' })) as { readonly id: string };
    await refusal(person.create('Lead', { LastName: 'Unmentionable' }));
    await person.query("SELECT Id FROM Lead WHERE LastName = 'Unmentionable'");
    await person.retrieve('Lead', id);
    expect(await counted()).toBe(before + 1);
    const journal = JSON.stringify(await bench.control('journal'));
    expect(journal).toContain('"method":"POST sobjects/Lead","outcome":"REQUIRED_FIELD_MISSING"');
    expect(journal).toContain('"method":"GET sobjects/Lead/{id}","outcome":"ok"');
    for (const secret of ['Unmentionable', id, String(person.accessToken)]) expect(journal).not.toContain(secret);
    const tables = (await bench.control('tables')) as Record<string, readonly Record<string, unknown>[]>;
    expect(tables['Lead']?.filter((lead) => lead['LastName'] === 'Unmentionable')).toMatchObject([{ Id: id, Company: 'Secret' }]);
  });

  test('offers the versions it has, and no other', async () => {
    const offered = (await (await fetch(`${bench.url}/services/data`)).json()) as readonly { readonly version: string }[];
    expect(offered.map(({ version }) => version)).toContain('64.0');
    expect(
      await refusal(
        new Connection({ accessToken: String(person.accessToken), instanceUrl: bench.url, version: '99.0' }).query('SELECT Id FROM Lead'),
      ),
    ).toBe('NOT_FOUND');
  });
});
