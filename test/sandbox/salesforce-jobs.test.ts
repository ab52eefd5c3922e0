import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connection, OAuth2 } from '@jsforce/jsforce-node';
import { clients, salesforceBench } from '../contract/salesforce-bench.ts';
import type { SalesforceBench } from '../contract/salesforce-bench.ts';

/** The stand-in's jobs through jsforce's own client of the Bulk API 2.0, and by calls as the vendor's guide has them. */
describe('jobs of the Salesforce sandbox', () => {
  let bench: SalesforceBench;
  let person: Connection;
  beforeAll(async () => {
    bench = await salesforceBench();
    const oauth2 = new OAuth2({ loginUrl: bench.url, clientId: clients.sales, clientSecret: bench.secrets.sales });
    const { access_token: accessToken, instance_url: instanceUrl } = await oauth2.requestToken({ grant_type: 'client_credentials' });
    person = new Connection({ accessToken, instanceUrl, version: '64.0' });
    person.bulk2.pollInterval = 20;
    person.bulk2.pollTimeout = 20_000;
  });
  afterAll(() => bench.stop());

  const accounts = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    ((await bench.control('tables')) as { readonly Account: readonly Readonly<Record<string, unknown>>[] }).Account;
  const call = async (method: string, path: string, body?: string | object): Promise<{ status: number; text: string }> => {
    const reply = await fetch(`${bench.url}/services/data/v64.0/jobs/ingest${path}`, {
      method,
      headers: {
        authorization: `Bearer ${String(person.accessToken)}`,
        'content-type': typeof body === 'string' ? 'text/csv' : 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: reply.status, text: await reply.text() };
  };
  const make = async (more: object = {}): Promise<string> =>
    (JSON.parse((await call('POST', '', { object: 'Account', operation: 'insert', contentType: 'CSV', ...more })).text) as { id: string })
      .id;
  const look = async (id: string): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse((await call('GET', `/${id}`)).text) as Readonly<Record<string, unknown>>;
  const whenOver = async (id: string): Promise<Readonly<Record<string, unknown>>> => {
    for (;;) {
      const job = await look(id);
      if (job['state'] === 'JobComplete' || job['state'] === 'Failed' || job['state'] === 'Aborted') return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, place) => `Line ${String(from + place)},L${String(from + place)}\n`).join('');

  test('inserts what jsforce sends, texts with quotes, commas and line breaks as they are, and refuses rows one by one with code and fields', async () => {
    const results = await person.bulk2.loadAndWaitForResults({
      ...{ object: 'Account', operation: 'insert' },
      input: [
        { Name: 'Bo "the\nboat", Ltd', AccountNumber: 'J1', Phone: '' },
        { Name: '', AccountNumber: 'J2', Phone: '1' },
        { Name: 'Long', AccountNumber: 'J'.repeat(41), Phone: '1' },
      ],
    });
    const [made] = await accounts();
    expect(made).toMatchObject({ Name: 'Bo "the\nboat", Ltd', AccountNumber: 'J1', Phone: null });
    expect(results.successfulResults).toMatchObject([{ sf__Id: made?.['Id'], sf__Created: 'true', AccountNumber: 'J1' }]);
    expect(results.failedResults.map((row) => row.sf__Error)).toEqual([
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
      expect.stringMatching(/^STRING_TOO_LONG:.*:AccountNumber --$/),
    ]);
    expect(results.unprocessedRecords).toEqual([]);
  });

  test('updates and deletes by Id: an empty cell leaves a field, #N/A empties it', async () => {
    const id = String((await accounts())[0]?.['Id']);
    await person.sobject('Account').update({ Id: id, Phone: '030', BillingCity: 'Berlin' });
    await person.bulk2.loadAndWaitForResults({
      ...{ object: 'Account', operation: 'update', input: [{ Id: id, Phone: '#N/A', BillingCity: '', Name: 'Renamed' }] },
    });
    expect((await accounts())[0]).toMatchObject({ Phone: null, BillingCity: 'Berlin', Name: 'Renamed' });
    const gone = '001000000000000AAA';
    const results = await person.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'delete', input: [{ Id: id }, { Id: gone }] });
    expect(await accounts()).toEqual([]);
    expect([results.successfulResults[0]?.sf__Id, results.failedResults[0]?.sf__Id]).toEqual([id, gone]);
  });

  test('a job acts only once it is handed over, takes its data once, and shows no results before its end', async () => {
    const id = await make();
    expect(await look(id)).toMatchObject({ state: 'Open', contentUrl: `services/data/v64.0/jobs/ingest/${id}/batches` });
    expect((await call('PATCH', `/${id}`, { state: 'UploadComplete' })).text).toContain('INVALIDJOBSTATE');
    expect((await call('PUT', `/${id}/batches`, `Name,AccountNumber\n${lines(0, 3)}`)).status).toBe(201);
    expect((await call('PUT', `/${id}/batches`, 'Name\nAgain\n')).text).toContain('INVALIDJOBSTATE');
    expect((await call('GET', `/${id}/successfulResults`)).text).toContain('INVALIDJOBSTATE');
    expect(await accounts()).toEqual([]);
    expect(JSON.parse((await call('PATCH', `/${id}`, { state: 'UploadComplete' })).text)).toMatchObject({ id, state: 'UploadComplete' });
    expect(await whenOver(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 0 });
    expect((await accounts()).map((row) => row['AccountNumber'])).toEqual(['L0', 'L1', 'L2']);
    expect((await call('PATCH', `/${id}`, { state: 'Aborted' })).text).toContain('INVALIDJOBSTATE');
  });

  test('a job that is aborted on its way keeps what it made, and names the rest as unprocessed', async () => {
    const id = await make();
    await call('PUT', `/${id}/batches`, `Name,AccountNumber\n${lines(100, 700)}`);
    await bench.seed({ bulkChunkMs: 100 });
    await call('PATCH', `/${id}`, { state: 'UploadComplete' });
    while (Number((await look(id))['numberRecordsProcessed']) < 200) await new Promise((resolve) => setTimeout(resolve, 10));
    await bench.seed({ bulkStalls: true });
    expect((await look(id))['state']).toBe('InProgress');
    await call('PATCH', `/${id}`, { state: 'Aborted' });
    await bench.seed({ bulkStalls: false, bulkChunkMs: 5 });
    const made = Number((await look(id))['numberRecordsProcessed']);
    const cells = async (file: string): Promise<number> => (await call('GET', `/${id}/${file}`)).text.trim().split('\n').length - 1;
    expect([await cells('successfulResults'), await cells('failedResults'), await cells('unprocessedrecords')]).toEqual([
      made,
      0,
      600 - made,
    ]);
    expect((await accounts()).filter((row) => String(row['Name']).startsWith('Line')).length).toBe(made + 3);
  });

  test('a job whose file has another line ending than it says, or a field that is not there, fails as a whole', async () => {
    const before = (await accounts()).length;
    for (const [csv, words] of [
      ['Name,AccountNumber\r\nA,1\r\n', 'LineEnding is invalid'],
      ['Name,Nothing__c\nA,1\n', 'Field name not found : Nothing__c'],
      ['Name,AccountNumber\nA,1,2\n', 'InvalidBatch'],
    ] as const) {
      const id = await make({ lineEnding: 'LF' });
      await call('PUT', `/${id}/batches`, csv);
      await call('PATCH', `/${id}`, { state: 'UploadComplete' });
      expect(await whenOver(id)).toMatchObject({
        state: 'Failed',
        errorMessage: expect.stringContaining(words),
        numberRecordsProcessed: 0,
      });
      expect((await call('GET', `/${id}/successfulResults`)).text.trim().split('\n').length).toBe(1);
    }
    expect(await accounts()).toHaveLength(before);
  });

  test('reads by a job what a query answers, as jsforce understands it, and page after page', async () => {
    const names = ['One', 'Two "2", zwei', 'Drei\nthree', 'Vier', 'Fünf'];
    await person.bulk2.loadAndWaitForResults({
      ...{ object: 'Account', operation: 'insert', input: names.map((Name, place) => ({ Name, AccountNumber: `Q${String(place)}` })) },
    });
    const soql = `SELECT Id, Name, Phone, IsDeleted, CreatedDate FROM Account WHERE AccountNumber LIKE 'Q%'`;
    const rows: Readonly<Record<string, string>>[] = [];
    const stream = await person.bulk2.query(soql);
    await new Promise((resolve, reject) => {
      stream
        .on('record', (row: Readonly<Record<string, string>>) => rows.push(row))
        .on('end', resolve)
        .on('error', reject);
    });
    expect(rows.map((row) => row['Name']).sort()).toEqual(names.toSorted());
    expect(rows[0]).toMatchObject({ Phone: '', IsDeleted: 'false', CreatedDate: expect.stringMatching(/T\d\d:\d\d:\d\d\.000Z$/) });
    const { id } = JSON.parse((await call('POST', '/../query', { operation: 'query', query: soql })).text) as { readonly id: string };
    while (!(await call('GET', `/../query/${id}`)).text.includes('JobComplete')) await new Promise((resolve) => setTimeout(resolve, 20));
    const pages: (readonly [string | null, string | null])[] = [];
    for (let locator = ''; locator !== 'null';) {
      const reply = await fetch(`${bench.url}/services/data/v64.0/jobs/query/${id}/results?maxRecords=2&locator=${locator}`, {
        headers: { authorization: `Bearer ${String(person.accessToken)}` },
      });
      locator = reply.headers.get('sforce-locator') ?? 'null';
      pages.push([reply.headers.get('sforce-numberofrecords'), locator === 'null' ? null : 'more']);
    }
    expect(pages).toEqual([
      ['2', 'more'],
      ['2', 'more'],
      ['1', null],
    ]);
  });

  test('a job that reads shows nothing before its end, and takes no aggregates and no statement that is too long', async () => {
    const query = async (soql: string) => call('POST', '/../query', { operation: 'query', query: soql });
    await bench.seed({ bulkChunkMs: 200 });
    const { id } = JSON.parse((await query('SELECT Id FROM Account')).text) as { readonly id: string };
    expect((await call('GET', `/../query/${id}/results`)).text).toContain('INVALIDJOBSTATE');
    expect((await call('PATCH', `/../query/${id}`, { state: 'Aborted' })).text).toContain('"state":"Aborted"');
    await bench.seed({ bulkChunkMs: 5 });
    expect((await call('GET', `/../query/${id}/results`)).text).toContain('INVALIDJOBSTATE');
    expect((await query('SELECT COUNT() FROM Account')).status).toBe(400);
    expect((await query(`SELECT Id FROM Account WHERE Name = '${'x'.repeat(100_000)}'`)).text).toContain('MALFORMED_QUERY');
  });

  test('refuses jobs of objects it does not have, and data that is no CSV or too much', async () => {
    expect((await call('POST', '', { object: 'Nothing', operation: 'insert' })).text).toContain('INVALID_TYPE');
    expect((await call('POST', '', { object: 'Account', operation: 'merge' })).text).toContain('INVALIDJOB');
    const id = await make();
    expect((await call('PUT', `/${id}/batches`, { Name: 'A' })).status).toBe(415);
    expect((await call('PUT', `/${id}/batches`, `Name\n${'x'.repeat(100_000_001)}`)).status).toBe(413);
    expect((await call('GET', '/750000000000000AAA')).status).toBe(404);
  });
});
