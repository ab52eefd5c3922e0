import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Session, TargetPort } from '../../contracts/adapter.ts';
import type { TrytonSeed } from '../../sandbox/tryton/seed-data.ts';
import type { TargetBench } from '../contract/target-suite.ts';
import { failureOf, idOf, outcomesOf, passing, rowOf } from '../contract/target-suite.ts';
import type { RunningTryton } from '../contract/tryton-bench.ts';
import { startSandboxTryton, trytonBench } from '../contract/tryton-bench.ts';

describe('the Tryton sandbox', () => {
  let system: RunningTryton;
  let bench: TargetBench;
  let port: TargetPort;
  let session: Session;
  beforeEach(async () => {
    system = await startSandboxTryton();
    bench = await trytonBench(system);
    port = bench.connect('runner');
    session = await port.open();
  });
  afterEach(async () => {
    await port.dispose();
    await bench.stop();
  });

  const control = async (path: string, seed?: TrytonSeed): Promise<unknown> =>
    (await fetch(`${system.url}/_sandbox/${path}`, seed === undefined ? {} : { method: 'POST', body: JSON.stringify(seed) })).json();
  const address = { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' };
  const saleFor = async (reference: string): Promise<ReturnType<typeof rowOf>> => {
    const write = async (object: string, fields: Parameters<typeof rowOf>[1]): Promise<string> =>
      idOf((await session.write(object, [rowOf('create', fields)], passing))[0]);
    const party = await write('party', { code: `P-${reference}`, name: 'Alfreds Futterkiste', addresses: [address] });
    const product = await write('product', { code: `G-${reference}`, name: 'Chai', unit: 'Unit', kind: 'goods', salable: true });
    const lines = [{ product, quantity: '1', unitPrice: '18.00', taxes: [], note: null }];
    return rowOf('create', { reference, party, invoiceAddress: address, shipTo: address, saleDate: '1998-05-04', lines });
  };

  test('holds what was seeded as keyed by a person, with a number of its own where no code was given', async () => {
    await control('seed', {
      parties: [
        { code: 'ERNSH', name: 'Ernst Handel', phone: '7675-3425', contactPerson: 'Roland Mendel', addresses: [address] },
        { name: 'Save a lot Markets', phone: '(208) 555 8097', active: false },
      ],
      products: [{ code: 'CHAI', name: 'Chai', listPrice: '18.0000' }],
    });
    const [known] = await port.findByKey('party', ['ERNSH']);
    expect(known).toMatchObject({
      createdByUs: false,
      state: 'active',
      marker: null,
      fields: { contactPerson: 'Roland Mendel', phone: '7675-3425', addresses: [address] },
    });
    const [[nameless] = []] = await port.findByFields('party', [{ phone: '208-555-8097' }]);
    expect(nameless).toMatchObject({ state: 'inactive', fields: { name: 'Save a lot Markets', contactPerson: null } });
    expect(nameless?.fields['code']).toMatch(/^\d+$/);
    expect(await port.findByKey('product', ['CHAI'])).toMatchObject([
      { createdByUs: false, fields: { listPrice: '18.0000', kind: 'goods', salable: true } },
    ]);
  });

  test('counts committed creates by model and user, and none of a batch that was rolled back', async () => {
    const rows = ['A', 'B', 'A'].map((code) => rowOf('create', { code, name: 'x', addresses: [address] }));
    await session.write('party', rows, passing);
    expect(await control('creates')).toEqual({});
    await session.write('party', rows.slice(0, 2), passing);
    expect(await control('creates')).toEqual({ 'party.party': 2, 'party.address': 2, 'party.identifier': 2 });
    expect(await control('creates-by-user')).toMatchObject({ 'party.party': { cutover: 2 } });
  });

  test('journals every call with its user and outcome, without contents and secrets', async () => {
    await session.write('party', [rowOf('create', { code: 'A', name: 'Maria Anders' })], passing);
    await session.write('party', [rowOf('create', { code: 'A', name: 'Maria Anders' })], passing);
    await session.close();
    await session.write('party', [rowOf('create', { code: 'B', name: 'Berta Anders' })], passing).catch(() => undefined);
    const journal = (await control('journal')) as { user: string | null; method: string; outcome: string; at: string }[];
    const creates = journal.filter((entry) => entry.method === 'model.party.party.create').map((entry) => [entry.user, entry.outcome]);
    expect(creates).toEqual([
      ['cutover', 'ok'],
      ['cutover', 'UserError'],
      [null, '401'],
    ]);
    expect(journal[0]).toMatchObject({ method: 'common.db.login', outcome: 'ok' });
    const text = JSON.stringify(journal);
    for (const secret of ['Maria', system.passwords.cutover, session.handle.split(':')[2] ?? 'no key']) expect(text).not.toContain(secret);
  });

  test('shows all business records with their children and ids', async () => {
    const id = idOf((await session.write('sale', [await saleFor('S-1')], passing))[0]);
    const tables = (await control('tables')) as Record<string, Record<string, unknown>[]>;
    expect(tables['sale.sale']).toMatchObject([
      { id: Number(id), reference: 'S-1', state: 'quotation', number: '1', invoices: [], 'lines.': [{ quantity: 1 }] },
    ]);
    expect(tables['party.party']?.at(-1)).toMatchObject({ code: 'P-S-1', 'addresses.': [{ city: 'Berlin', 'country.': { code: 'DE' } }] });
    expect(tables['account.invoice']).toEqual([]);
  });

  test('lets sales invoice themselves where a seed says so, so that a check for harm has something to find', async () => {
    await control('seed', { autoInvoice: ['S-2'] });
    const ids = (await session.write('sale', [await saleFor('S-1'), await saleFor('S-2')], passing)).map(idOf);
    expect((await port.get('sale', ids)).map((sale) => sale.fields['invoices'])).toEqual([0, 1]);
  });

  test('makes a runner without its groups fail the probe by name of every missing right, and its writes', async () => {
    await control('seed', { cutoverGroups: ['product'] });
    const poor = bench.connect('runner');
    const problems = (await poor.probe()).problems.join(' ');
    expect(problems).toMatch(
      /lacks rights.*read sale\.sale, write sale\.sale, create sale\.sale, delete sale\.sale.*groups Product Administration and Sales/,
    );
    expect(problems).not.toContain('party.party');
    const row = await saleFor('S-1');
    const theirs = await poor.open();
    expect(outcomesOf(await theirs.write('sale', [row], passing))).toEqual(['rejected auth']);
    await theirs.close();
    await poor.dispose();
  });

  test('locks a login after six wrong passwords', async () => {
    const kinds: string[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      kinds.push((await failureOf(bench.connect('stranger').open())).kind);
    }
    expect(kinds).toEqual([...Array.from({ length: 6 }, () => 'auth'), 'throttled']);
  });

  test('ends when its parent lets go of its standard input', async () => {
    const environment = {
      ...process.env,
      TRYTON_SANDBOX_ADMIN_PASSWORD: 'a',
      TRYTON_SANDBOX_CUTOVER_PASSWORD: 'c',
      TRYTON_SANDBOX_SALES_PASSWORD: 's',
    };
    const child = spawn(process.execPath, ['sandbox/tryton/main.ts'], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
    expect(JSON.parse(line)).toMatchObject({ ready: true, database: 'erp' });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin.end();
    expect(await ended).toBe(0);
  });
});
