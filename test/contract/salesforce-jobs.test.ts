import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowOutcome, Sending, TargetPort, WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { clients, crmPlan, salesforceBench } from './salesforce-bench.ts';
import type { SalesforceBench } from './salesforce-bench.ts';
import { failureOf, outcomesOf, rowOf } from './target-suite.ts';

type Row = Readonly<Record<string, unknown>>;

/** Writes of more rows than a collection takes, each judged by the organization's own tables. */
describe('Salesforce sandbox: jobs', () => {
  let bench: SalesforceBench;
  let port: TargetPort;
  let proxied: TargetPort;
  beforeAll(async () => {
    bench = await salesforceBench();
    const login = { clientId: clients.cutover, clientSecret: bench.secrets.cutover };
    port = bench.port({ ...login, loginUrl: bench.ways.direct }, { ...crmPlan, bulkFrom: 201 });
    proxied = bench.port({ ...login, loginUrl: bench.ways.proxy }, { ...crmPlan, bulkFrom: 201 });
  });
  afterAll(async () => {
    await Promise.all([port.dispose(), proxied.dispose()]);
    await bench.stop();
  });

  const table = async (type: 'Account' | 'Lead', prefix: string): Promise<readonly Row[]> => {
    const all = (await bench.control('tables')) as Readonly<Record<typeof type, readonly Row[]>>;
    return all[type].filter((row) => String(type === 'Account' ? row['AccountNumber'] : row['Email']).startsWith(prefix));
  };
  const journal = async (): Promise<readonly string[]> =>
    ((await bench.control('journal')) as readonly { readonly method: string }[]).map(({ method }) => method);
  const accounts = (prefix: string, count: number, more: (place: number) => Fields = () => ({})): readonly WriteRow[] =>
    Array.from({ length: count }, (_, place) =>
      rowOf('create', { Name: `Account ${String(place)}`, AccountNumber: `${prefix}${String(place)}`, Phone: null, ...more(place) }),
    );
  /** How a lane sends: what is remembered is what another process ends the session by. */
  const sending = (handles: string[] = [], more: Partial<Sending> = {}): Sending => ({
    signal: new AbortController().signal,
    beforeSend: () => undefined,
    remember: (handle) => Promise.resolve(void handles.push(handle)),
    ...more,
  });
  const write = async (from: TargetPort, object: string, rows: readonly WriteRow[], call = sending()): Promise<readonly RowOutcome[]> => {
    const session = await from.open();
    try {
      return await session.write(object, rows, call);
    } finally {
      await session.close();
    }
  };
  const tally = (outcomes: readonly RowOutcome[]): Readonly<Record<string, number>> =>
    Object.fromEntries([...Map.groupBy(outcomesOf(outcomes), (one) => one)].map(([one, some]) => [one, some.length]));

  test('makes many accounts by one job, each with its values as they are and its mark, and tells each its id', async () => {
    const before = (await journal()).length;
    const rows = accounts('MANY', 450, (place) => ({ BillingCity: ['Köln', 'a "b", c', 'two\nlines', ''][place % 4] ?? null }));
    const outcomes = await write(port, 'account', rows);
    expect(outcomes.map(({ effectId }) => effectId)).toEqual(rows.map(({ effectId }) => effectId));
    const made = await table('Account', 'MANY');
    expect(
      made.map((row) => [row['AccountNumber'], row['Name'], row['BillingCity'], row['Phone'], row['CutoverEffect__c'], row['Id']]).sort(),
    ).toEqual(
      rows
        .map(({ fields, effectId }, place) => {
          const outcome = outcomes[place];
          const id = outcome?.outcome === 'applied' ? outcome.id : outcome;
          return [fields['AccountNumber'], fields['Name'], fields['BillingCity'] === '' ? null : fields['BillingCity'], null, effectId, id];
        })
        .sort(),
    );
    const calls = (await journal()).slice(before);
    expect(calls.filter((method) => method.includes('composite'))).toEqual([]);
    expect(calls.length).toBeLessThan(20);
  });

  test('leads have no mark and are told apart by their address; those that share one, or have none, go by collections', async () => {
    const rows = Array.from({ length: 300 }, (_, place) =>
      rowOf('create', {
        ...{ LastName: `Lead ${String(place)}`, Company: 'Bulk', LeadSource: place === 9 ? '#N/A' : null },
        Email: place === 7 ? null : place < 2 ? 'lead-twin@mail.example' : `lead-${String(place)}@mail.example`,
        Description: place === 5 ? 'line\r\nline' : null,
      }),
    );
    const before = (await journal()).length;
    await bench.seed({ assignmentRules: [{ Name: 'By country', Active: true }] });
    expect(tally(await write(port, 'lead', rows))).toEqual({ applied: 300 });
    expect((await journal()).slice(before).filter((method) => method === 'POST composite/sobjects')).toHaveLength(1);
    const leads = ((await bench.control('tables')) as { readonly Lead: readonly Row[] }).Lead;
    expect(leads.map((lead) => lead['LastName']).sort()).toEqual(rows.map(({ fields }) => fields['LastName']).sort());
    expect(new Set(leads.map((lead) => lead['OwnerId']))).toEqual(new Set([leads[0]?.['CreatedById']]));
    expect(leads.find((lead) => lead['LastName'] === 'Lead 9')?.['LeadSource']).toBe('#N/A');
    expect(leads.find((lead) => lead['LastName'] === 'Lead 5')?.['Description']).toBe('line\r\nline');
  });

  test('a row that the job refuses says why in the words of its code, without quoting the record', async () => {
    const rows = accounts('BAD', 210, (place) => (place === 3 ? { Name: null } : place === 4 ? { Phone: 'secret'.repeat(9) } : {}));
    const outcomes = await write(port, 'account', rows);
    expect(tally(outcomes)).toEqual({ applied: 208, 'rejected invalidData': 2 });
    expect(outcomes[3]).toMatchObject({ message: expect.stringContaining('REQUIRED_FIELD_MISSING (Name)') });
    expect(outcomes[4]).toMatchObject({ message: expect.stringContaining('STRING_TOO_LONG (Phone)') });
    expect(JSON.stringify(outcomes)).not.toContain('secret');
    expect(await table('Account', 'BAD')).toHaveLength(208);
  });

  /** What is told of the job of a handle below its address, whatever became of it. */
  const told = async (handle: string, below: string, body: string): Promise<void> => {
    const pathPrefix = `/services/data/v64.0/jobs/ingest/${handle.split(' ').at(-1) ?? ''}${below}`;
    const headers = { 'content-type': below === '' ? 'application/json' : 'text/csv' };
    await bench.fault({ match: { method: 'GET', pathPrefix }, action: 'reject', status: 200, body, headers });
  };

  test('a row that was locked is sent again, and is no fault of its record', async () => {
    const rows = accounts('LOCK', 210, (place) => (place < 2 ? { Name: null } : {}));
    const words = 'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 200 records: 001000000000001AAA:--';
    const lines = rows.slice(0, 2).map(({ effectId }) => `"","${words}","${effectId}"\n`);
    const remember = (handle: string) => told(handle, '/failedResults', `"sf__Id","sf__Error","CutoverEffect__c"\n${lines.join('')}`);
    const outcomes = await write(proxied, 'account', rows, sending([], { remember }));
    await bench.fault(null);
    expect(tally(outcomes)).toEqual({ applied: 208, 'rejected locked': 2 });
  });

  test('a job that failed for another reason than its file tells nothing of rows that it did not come to', async () => {
    const rows = accounts('FAILED', 210);
    const remember = async (handle: string): Promise<void> => {
      for (const file of ['successfulResults', 'failedResults']) await told(handle, `/${file}`, '"sf__Id","CutoverEffect__c"\n');
      const left = rows.map(({ effectId }) => `"${effectId}"\n`).join('');
      await told(handle, '/unprocessedrecords', `"CutoverEffect__c"\n${left}`);
      const job = { state: 'Failed', numberRecordsProcessed: 0, errorMessage: 'ExceededQuota : the limit of a day is used up' };
      await told(handle, '', JSON.stringify({ id: handle.split(' ').at(-1), ...job }));
    };
    const outcomes = await write(proxied, 'account', rows, sending([], { remember }));
    await bench.fault(null);
    expect(tally(outcomes)).toEqual({ unknown: 210 });
  });

  test('a job that Salesforce cannot begin makes nothing, and its rows are refused', async () => {
    const outcomes = await write(
      port,
      'account',
      accounts('STRAY', 210, () => ({ Nothing__c: 'x' })),
    );
    expect(tally(outcomes)).toEqual({ 'rejected invalidData': 210 });
    expect(await table('Account', 'STRAY')).toEqual([]);
  });

  test.each(['loseResponse', 'serverError'] as const)('asks the job where the answer to handing it over ends in %s', async (action) => {
    const prefix = `LOST-${action}-`;
    await bench.fault({ match: { method: 'PATCH', bodyIncludes: 'UploadComplete' }, action, times: 1 });
    const outcomes = await write(proxied, 'account', accounts(prefix, 210));
    await bench.fault(null);
    // Where it never arrived, the job is closed, so that it cannot come later: nothing is told of its rows until they are looked for.
    expect(tally(outcomes)).toEqual(action === 'loseResponse' ? { applied: 210 } : { unknown: 210 });
    expect(await table('Account', prefix)).toHaveLength(action === 'loseResponse' ? 210 : 0);
    expect((await journal()).slice(-20)).toContain('PATCH jobs/ingest/{id}');
  });

  test('looks again where a job or its results cannot be read for a moment', async () => {
    await bench.fault({ match: { method: 'GET', pathPrefix: '/services/data/v64.0/jobs/ingest' }, action: 'reset', times: 3 });
    const outcomes = await write(proxied, 'account', accounts('AGAIN', 210));
    await bench.fault(null);
    expect(tally(outcomes)).toEqual({ applied: 210 });
  });

  test('a file of results says nothing about rows it does not name, or names twice, or without an id', async () => {
    const rows = accounts('CUT', 210);
    const line = (place: number, id: string): string => `"${id}","true","${rows[place]?.effectId ?? ''}"\n`;
    const [one, other] = ['001000000000001AAA', '001000000000002AAA'];
    const body = `"sf__Id","sf__Created","CutoverEffect__c"\n${line(0, one)}${line(1, other)}${line(1, other)}${line(2, '')}`;
    const remember = async (handle: string): Promise<void> => {
      const match = { pathPrefix: `/services/data/v64.0/jobs/ingest/${handle.split(' ').at(-1) ?? ''}/successfulResults` };
      await bench.fault({ match, action: 'reject', status: 200, body, headers: { 'content-type': 'text/csv' } });
    };
    const outcomes = await write(proxied, 'account', rows, sending([], { remember }));
    await bench.fault(null);
    expect(outcomes[0]).toMatchObject({ outcome: 'applied', id: one });
    expect(tally(outcomes)).toEqual({ applied: 1, unknown: 209 });
  });

  test('nothing is sent where nobody remembers the job, where the deadline passes on the way, or where its login has been ended', async () => {
    const lost = sending([], { remember: () => Promise.reject(new Error('the lane was taken over')) });
    await expect(write(port, 'account', accounts('LATE', 210), lost)).rejects.toThrow('the lane was taken over');
    let sends = 0;
    const late = sending([], {
      beforeSend: () => {
        sends += 1;
        if (sends === 3) throw new Error('the deadline has passed');
      },
    });
    await expect(write(port, 'account', accounts('LATE', 210), late)).rejects.toThrow('the deadline has passed');
    const session = await port.open();
    const ended = sending([], { remember: (handle) => port.endSession(handle) });
    expect((await failureOf(session.write('account', accounts('LATE', 210), ended))).kind).toBe('auth');
    expect(await table('Account', 'LATE')).toEqual([]);
  });

  test('whoever ends a session ends its job with it: what was made stays, the rest is told as unknown, and nothing is made after', async () => {
    await bench.seed({ bulkChunkMs: 200 });
    const handles: string[] = [];
    const session = await port.open();
    const writing = session.write('account', accounts('ENDED', 1_000), sending(handles));
    while ((await table('Account', 'ENDED')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await bench.seed({ bulkStalls: true });
    await port.endSession(handles.at(-1) ?? '');
    const made = (await table('Account', 'ENDED')).length;
    await bench.seed({ bulkStalls: false, bulkChunkMs: 5 });
    expect(tally(await writing)).toEqual({ unknown: 1_000 });
    await port.endSession(handles.at(-1) ?? '');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made).toBeLessThan(1_000);
    expect(await table('Account', 'ENDED')).toHaveLength(made);
  });

  test('a job that its worker left goes on to its end, and says what it made of rows that bear its marks, and of no others', async () => {
    await bench.seed({ bulkChunkMs: 100 });
    const handles: string[] = [];
    const rows = accounts('WORK', 400, (place) => (place === 3 ? { Name: null } : {}));
    const session = await port.open();
    const writing = session.write('account', rows, sending(handles));
    while ((await table('Account', 'WORK')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const handle = handles.at(-1) ?? '';
    const told = await port.workOf?.(handle, 'account', [...rows.slice(0, 250), ...accounts('OTHER', 5)]);
    await bench.seed({ bulkChunkMs: 5 });
    expect(tally(told ?? [])).toEqual({ applied: 249, 'rejected invalidData': 1 });
    const ids = new Map((await table('Account', 'WORK')).map((row) => [row['CutoverEffect__c'], row['Id']]));
    expect(told?.filter((one) => one.outcome === 'applied' && one.id !== ids.get(one.effectId))).toEqual([]);
    expect(await table('Account', 'WORK')).toHaveLength(399);
    // The login was ended: the one who left hears nothing of the job any more.
    expect(tally(await writing)).toEqual({ unknown: 400 });
    expect(await port.workOf?.(handle, 'lead', [])).toEqual([]);
    expect(await port.workOf?.(session.handle, 'account', rows)).toEqual([]);
  });

  test('a job that an administrator aborts says what it made; of the rest nobody can tell yet', async () => {
    await bench.seed({ bulkChunkMs: 200 });
    const handles: string[] = [];
    const writing = write(port, 'account', accounts('STOPPED', 1_000), sending(handles));
    while ((await table('Account', 'STOPPED')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await bench.seed({ bulkStalls: true });
    const [, job = ''] = (handles.at(-1) ?? '').split(' ');
    await abort(job);
    await bench.seed({ bulkStalls: false, bulkChunkMs: 5 });
    const made = (await table('Account', 'STOPPED')).length;
    expect(tally(await writing)).toEqual({ applied: made, unknown: 1_000 - made });
  });

  const abort = async (job: string): Promise<void> => {
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clients.admin, client_secret: bench.secrets.admin });
    const { access_token: token } = (await (await fetch(`${bench.url}/services/oauth2/token`, { method: 'POST', body: form })).json()) as {
      readonly access_token: string;
    };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const reply = await fetch(`${bench.url}/services/data/v64.0/jobs/ingest/${job}`, {
      method: 'PATCH',
      headers,
      body: '{"state":"Aborted"}',
    });
    expect(reply.status).toBe(200);
  };

  test('reads by many keys or ids by jobs, page after page, to the letter what queries answer', async () => {
    await bench.seed({ queryPage: 120 });
    const rows = accounts('READ', 400, (place) => ({
      BillingCity: place % 50 === 7 ? 'two\nlines' : 'a "b", c',
      Phone: place % 2 === 0 ? null : '1',
    }));
    await write(port, 'account', rows);
    const keys = [...rows.map(({ fields }) => (fields['AccountNumber'] as string).toLowerCase()), 'READ-none'];
    const login = { clientId: clients.cutover, clientSecret: bench.secrets.cutover, loginUrl: bench.ways.direct };
    const plain = bench.port(login, { ...crmPlan, bulkFrom: null });
    const found = await plain.findByKey('account', keys);
    const before = (await journal()).length;
    const byJob = await port.findByKey('account', keys);
    const sent = (await journal()).slice(before);
    expect(byJob.map((one) => ({ ...one, stamp: one.stamp }))).toEqual(found.map((one) => ({ ...one, stamp: one.stamp })));
    expect([
      found.length,
      sent.filter((method) => method === 'POST jobs/query').length,
      sent.filter((method) => method === 'GET query').length,
    ]).toEqual([400, 1, 1]);
    const ids = found.map(({ id }) => id).reverse();
    expect(JSON.stringify(await port.get('account', ids))).toBe(JSON.stringify(await plain.get('account', ids)));
    await bench.seed({ bulkQueriesFail: true });
    expect(JSON.stringify(await port.get('account', ids))).toBe(JSON.stringify(await plain.get('account', ids)));
    await bench.seed({ bulkQueriesFail: false, queryPage: 2_000 });
    await plain.dispose();
  });

  test('a user without the right to query by jobs reads as before, and a page that does not say whether there are more is no answer', async () => {
    const keys = Array.from({ length: 210 }, (_, place) => `READ${String(place)}`);
    const match = { method: 'POST', pathPrefix: '/services/data/v64.0/jobs/query' };
    const headers = { 'content-type': 'application/json' };
    await bench.fault({ match, action: 'reject', status: 403, body: '[{"errorCode":"API_DISABLED_FOR_BULK","message":"no"}]', headers });
    expect(await proxied.findByKey('account', keys)).toHaveLength(210);
    await bench.fault(null);
    const csv = { 'content-type': 'text/csv' };
    await bench.fault({
      match: { ...match, method: 'GET' },
      action: 'reject',
      status: 200,
      body: '{"id":"750000000000000AAA","state":"JobComplete","numberRecordsProcessed":1}',
      headers,
      times: 1,
    });
    await bench.fault({
      match: { ...match, method: 'GET' },
      action: 'reject',
      status: 200,
      body: '"Id"\n"001000000000001AAA"\n',
      headers: csv,
    });
    expect((await failureOf(proxied.findByKey('account', keys))).kind).toBe('unavailable');
    await bench.fault(null);
  });

  test('takes as many rows as a job has, and no more; none where the plan wants no jobs or nobody remembers them', async () => {
    expect(tally(await write(port, 'account', accounts('MOST', 10_001)))).toEqual({ 'rejected invalidData': 10_001 });
    const unremembered = { signal: new AbortController().signal, beforeSend: () => undefined };
    expect(tally(await write(port, 'account', accounts('MOST', 201), unremembered))).toEqual({ 'rejected invalidData': 201 });
    const login = { clientId: clients.cutover, clientSecret: bench.secrets.cutover, loginUrl: bench.ways.direct };
    const without = bench.port(login, { ...crmPlan, bulkFrom: null });
    expect(without.capabilities.objects['account']?.paces.create).toBeUndefined();
    expect(tally(await write(without, 'account', accounts('MOST', 201)))).toEqual({ 'rejected invalidData': 201 });
    await without.dispose();
    expect(await table('Account', 'MOST')).toEqual([]);
  });
});
