import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Operation, RowOutcome, Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { TargetBench } from './target-suite.ts';
import { changesSince, idOf, outcomesOf, passing, rowOf, startWithinMs } from './target-suite.ts';

const home = { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' };
const depot = { street: 'Hafen 1\nTor 2', city: 'Rostock', postalCode: '18055', country: 'DE' };

/** What a sale must show in Tryton: rest as a quotation, change by way of a draft, activate without documents, refuse the rest. */
export function saleSuite(name: string, make: () => Promise<TargetBench>): void {
  describe(`${name}: sales`, () => {
    let bench: TargetBench;
    let port: TargetPort;
    let session: Session;
    let party: string;
    let product: string;
    let unsalable: string;
    let tax: string;
    let base: Fields;
    beforeAll(async () => {
      bench = await make();
      port = bench.connect('runner');
      session = await port.open();
      const write = async (object: string, fields: Fields): Promise<string> =>
        idOf((await session.write(object, [rowOf('create', fields)], passing))[0]);
      party = await write('party', { code: newKey(), name: 'Alfreds Futterkiste', addresses: [home, depot] });
      product = await write('product', { code: newKey(), name: 'Chai', listPrice: '18.00', unit: 'Unit', kind: 'goods', salable: true });
      unsalable = await write('product', { code: newKey(), name: 'Sample', unit: 'Unit', kind: 'goods', salable: false });
      const [ten] = await port.findByKey('tax', ['Sales tax 10%']);
      const [term] = await port.findByKey('paymentTerm', ['Net 30']);
      tax = ten?.id ?? '';
      base = {
        ...{ party, invoiceAddress: home, shipTo: depot, saleDate: '1998-05-04', currency: 'USD', paymentTerm: term?.id ?? '' },
        ...{ description: 'Order of 4 May', comment: 'Leave at the gate', lines: [line('3', '232.085', [tax])] },
      };
    }, startWithinMs);
    afterAll(async () => {
      await session.close();
      await port.dispose();
      await bench.stop();
    });

    const newKey = (): string => `S-${randomUUID().slice(0, 13)}`;
    const line = (quantity: string, unitPrice: string, taxes: readonly string[] = [], note: string | null = null): Fields => ({
      product,
      quantity,
      unitPrice,
      taxes,
      note,
    });
    const write = async (
      operation: Operation,
      record: { readonly id: string; readonly stamp?: string | null },
      fields: Fields = {},
    ): Promise<readonly RowOutcome[]> => session.write('sale', [rowOf(operation, fields, record)], passing);
    const read = async (id: string): Promise<TargetRecord> => (await port.get('sale', [id]))[0]!;
    const quotation = async (fields: Fields = {}): Promise<TargetRecord> =>
      read(idOf((await session.write('sale', [rowOf('create', { reference: newKey(), ...base, ...fields })], passing))[0]));

    test('rests as a numbered quotation that holds every field, and makes no invoice and no shipment', async () => {
      const reference = newKey();
      const sale = await quotation({ reference });
      expect(sale).toMatchObject({ state: 'quotation', createdByUs: true, fields: { reference, ...base, invoices: 0, shipments: 0 } });
      expect(sale.fields['number']).toMatch(/^\d+$/);
    });

    test('rounds each line half to even, and taxes once on what was not rounded yet', async () => {
      const sale = await quotation({ lines: [line('3', '232.085', [tax]), line('1', '0.125', [tax]), line('1', '0.135', [])] });
      expect((sale.fields['lines'] as readonly Fields[]).map((item) => item['amount'])).toEqual(['696.26', '0.12', '0.14']);
      expect([sale.fields['untaxed'], sale.fields['tax'], sale.fields['total']]).toEqual(['696.52', '69.64', '766.16']);
    });

    test('taxes what is sold and what is returned apart', async () => {
      const sale = await quotation({ lines: [line('1', '1.24', [tax]), line('-1', '0.36', [tax])] });
      // 0.12 less 0.04; a tenth of 0.88 were 0.09.
      expect([sale.fields['untaxed'], sale.fields['tax'], sale.fields['total']]).toEqual(['0.88', '0.08', '0.96']);
    });

    test('lets two sales share a reference and finds both', async () => {
      const reference = newKey();
      const ids = [(await quotation({ reference })).id, (await quotation({ reference })).id];
      expect((await port.findByKey('sale', [reference])).map((sale) => sale.id).sort()).toEqual(ids.sort());
      const [found] = await port.findByFields('sale', [{ reference: ` ${reference.toUpperCase()} `, party }]);
      expect(found?.map((sale) => sale.id).sort()).toEqual(ids);
    });

    test('changes a quotation by way of a draft and leaves it a quotation under the same number', async () => {
      const sale = await quotation();
      const lines = [line('1', '10.0000', [], 'first'), line('2', '5.5', [tax])];
      expect(outcomesOf(await write('update', sale, { lines, description: 'changed' }))).toEqual(['applied']);
      const after = await read(sale.id);
      expect(after).toMatchObject({
        state: 'quotation',
        fields: { number: sale.fields['number'], description: 'changed', lines, total: '22.10' },
      });
      expect(outcomesOf(await write('update', after, { lines: [line('1', '10.0000')] }))).toEqual(['applied']);
      expect((await read(sale.id)).fields['lines']).toHaveLength(1);
    });

    test('refuses a change whose stamp is from before a person wrote to the sale or to one of its lines', async () => {
      const sale = await quotation();
      const person = bench.connect('person');
      const theirs = await person.open();
      await theirs.write('sale', [rowOf('annotate', { comment: 'call first' }, { id: sale.id })], passing);
      for (const operation of ['update', 'activate', 'cancel', 'delete'] as const) {
        expect(outcomesOf(await write(operation, sale, operation === 'update' ? { lines: [line('9', '1')] } : {}))).toEqual([
          'rejected conflict',
        ]);
      }
      expect(await read(sale.id)).toMatchObject({ state: 'quotation', fields: { comment: 'call first', lines: base['lines'] } });
      await theirs.close();
      await person.dispose();
    });

    test('a change that Tryton refuses leaves the quotation as it was', async () => {
      const sale = await quotation();
      for (const bad of [
        { lines: [line('1', '1.00001')] },
        { lines: [{ ...line('1', '1'), product: unsalable }] },
        { shipTo: { ...home, street: 'elsewhere' } },
      ]) {
        expect(outcomesOf(await write('update', sale, bad))).toEqual(['rejected invalidData']);
        const after = await read(sale.id);
        expect({ ...after, stamp: null }).toEqual({ ...sale, stamp: null });
        Object.assign(sale, { stamp: after.stamp });
      }
    });

    test('activates without documents, and says that a second time changes nothing', async () => {
      const sale = await quotation();
      expect(outcomesOf(await write('activate', sale))).toEqual(['applied']);
      expect(await read(sale.id)).toMatchObject({ state: 'processing', fields: { invoices: 0, shipments: 0, saleDate: '1998-05-04' } });
      expect(outcomesOf(await write('activate', { id: sale.id }))).toEqual(['unchanged']);
    });

    const quotations = async (count: number): Promise<readonly string[]> =>
      (
        await session.write(
          'sale',
          Array.from({ length: count }, () => rowOf('create', { reference: newKey(), ...base })),
          passing,
        )
      ).map(idOf);
    const activate = (ids: readonly string[]): Promise<readonly RowOutcome[]> =>
      session.write(
        'sale',
        ids.map((id) => rowOf('activate', {}, { id })),
        passing,
      );
    const statesOf = async (ids: readonly string[]): Promise<readonly string[]> => (await port.get('sale', ids)).map(({ state }) => state);

    test('activates as many sales together as it says, none of them where one is refused, and takes no more', async () => {
      const most = port.capabilities.objects['sale']?.paces.activate?.batchSize ?? 0;
      const ids = await quotations(most + 1);
      expect(new Set(outcomesOf(await activate(ids)))).toEqual(new Set(['rejected invalidData']));
      const [other, ...ten] = ids;
      await write('cancel', { id: other! });
      expect(new Set(outcomesOf(await activate([...ten.slice(1), other!])))).toEqual(new Set(['rejected unsupported']));
      expect(new Set(await statesOf(ten))).toEqual(new Set(['quotation']));
      expect(new Set(outcomesOf(await activate(ten)))).toEqual(new Set(['applied']));
      expect(new Set(await statesOf(ten))).toEqual(new Set(['processing']));
    });

    test('takes so many activations at a time in one session as it says, and none of them waits for another or fails', async () => {
      const { batchSize, writesInFlight } = port.capabilities.objects['sale']?.paces.activate ?? port.capabilities;
      const ids = await quotations(batchSize * writesInFlight);
      const parts = Array.from({ length: writesInFlight }, (_, part) => ids.slice(part * batchSize, (part + 1) * batchSize));
      const outcomes = (await Promise.all(parts.map(activate))).flat();
      expect(outcomesOf(outcomes)).toEqual(ids.map(() => 'applied'));
      expect(outcomes.map(idOf)).toEqual(ids);
      expect(new Set(await statesOf(ids))).toEqual(new Set(['processing']));
    });

    test('once it is processing only the comment can be written; nothing takes it back', async () => {
      const { id } = await quotation();
      await write('activate', { id });
      for (const operation of ['update', 'cancel', 'delete'] as const)
        expect(outcomesOf(await write(operation, { id }, {}))).toEqual(['rejected unsupported']);
      expect(outcomesOf(await write('annotate', { id }, { comment: 'taken back to the legacy system' }))).toEqual(['applied']);
      expect((await read(id)).fields['comment']).toBe('taken back to the legacy system');
      expect(port.capabilities.objects['sale']?.undo).toMatchObject({
        draft: 'delete',
        quotation: 'delete',
        cancelled: 'delete',
        processing: 'impossible',
      });
    });

    test('deletes quotations and cancelled sales', async () => {
      const resting = await quotation();
      expect(outcomesOf(await write('delete', resting))).toEqual(['applied']);
      const cancelled = await quotation();
      expect(outcomesOf(await write('cancel', cancelled))).toEqual(['applied']);
      expect(outcomesOf(await write('cancel', { id: cancelled.id }))).toEqual(['unchanged']);
      expect(outcomesOf(await write('delete', { id: cancelled.id }))).toEqual(['applied']);
      expect(await port.get('sale', [resting.id, cancelled.id])).toEqual([]);
      expect(outcomesOf(await write('delete', { id: resting.id }))).toEqual(['unchanged']);
    });

    test('a sale that was created but not quoted is unknown, can be read as a draft, and an update completes it', async () => {
      const proxied = bench.connect('runner', 'proxy');
      const lossy = await proxied.open();
      const reference = newKey();
      await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, action: 'reset', times: 1 });
      expect(outcomesOf(await lossy.write('sale', [rowOf('create', { reference, ...base })], passing))).toEqual(['unknown']);
      await bench.fault(null);
      const [half] = await port.findByKey('sale', [reference]);
      expect(half).toMatchObject({ state: 'draft', createdByUs: true });
      expect(port.capabilities.objects['sale']?.halfWay).toContain('draft');
      expect(outcomesOf(await write('update', half!, {}))).toEqual(['applied']);
      expect(await read(half!.id)).toMatchObject({ state: 'quotation', fields: { reference, ...base } });
      await lossy.close();
      await proxied.dispose();
    });

    const notToday = { action: 'reject', status: 200, body: '{"error":["UserError",["Not today.","",null]]}' } as const;

    test('a new sale that Tryton will not quote is rejected in its words, and no draft is left of its batch', async () => {
      const proxied = bench.connect('runner', 'proxy');
      const refused = await proxied.open();
      const references = [newKey(), newKey()];
      const rows = references.map((reference) => rowOf('create', { reference, ...base }));
      for (const answer of [notToday, { ...notToday, body: '{"result":null}' }]) {
        await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...answer, times: 1 });
        const outcomes = await refused.write('sale', rows, passing);
        const kind = answer === notToday ? 'invalidData' : 'silentNoOp';
        expect(outcomesOf(outcomes)).toEqual([`rejected ${kind}`, `rejected ${kind}`]);
        if (answer === notToday) expect(outcomes[0]).toMatchObject({ message: expect.stringContaining('Not today.') });
        expect(await port.findByKey('sale', references)).toEqual([]);
      }
      await bench.fault(null);
      expect(outcomesOf(await refused.write('sale', rows, passing))).toEqual(['applied', 'applied']);
      await refused.close();
      await proxied.dispose();
    });

    test('is unknown, as a draft that stands, where what Tryton would not quote cannot be deleted either; an update is refused until it would', async () => {
      const proxied = bench.connect('runner', 'proxy');
      const refused = await proxied.open();
      const reference = newKey();
      await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday });
      await bench.fault({ match: { bodyIncludes: 'sale.sale.delete' }, ...notToday });
      expect(outcomesOf(await refused.write('sale', [rowOf('create', { reference, ...base })], passing))).toEqual(['unknown']);
      const [half] = await port.findByKey('sale', [reference]);
      expect(half).toMatchObject({ state: 'draft', createdByUs: true });
      expect(outcomesOf(await refused.write('sale', [rowOf('update', {}, { id: half!.id })], passing))).toEqual(['rejected invalidData']);
      await bench.fault(null);
      expect(outcomesOf(await refused.write('sale', [rowOf('update', {}, { id: half!.id })], passing))).toEqual(['applied']);
      await refused.close();
      await proxied.dispose();
    });

    test('a changed quotation that Tryton will not quote again gets back what it had', async () => {
      const sale = await quotation({ lines: [line('3', '232.085', [tax]), line('1', '0.125', [], 'second')] });
      const proxied = bench.connect('runner', 'proxy');
      const refused = await proxied.open();
      await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday, times: 1 });
      const change = {
        shipTo: home,
        description: null,
        saleDate: '1998-06-01',
        comment: 'changed',
        lines: [line('7', '5.5', [], 'other')],
      };
      expect(outcomesOf(await refused.write('sale', [rowOf('update', change, sale)], passing))).toEqual(['rejected invalidData']);
      await bench.fault(null);
      const after = await read(sale.id);
      expect({ ...after, stamp: null }).toEqual({ ...sale, stamp: null });
      expect(outcomesOf(await refused.write('sale', [rowOf('update', change, after)], passing))).toEqual(['applied']);
      expect(await read(sale.id)).toMatchObject({ state: 'quotation', fields: change });
      await refused.close();
      await proxied.dispose();
    });

    test('is unknown when its second step is no longer sent after the first one was applied', async () => {
      let calls = 0;
      const beforeSend = (): void => {
        calls += 1;
        if (calls > 1) throw new Error('the deadline has passed');
      };
      const reference = newKey();
      const outcomes = await session.write('sale', [rowOf('create', { reference, ...base })], { signal: passing.signal, beforeSend });
      expect(outcomesOf(outcomes)).toEqual(['unknown']);
      expect(await port.findByKey('sale', [reference])).toMatchObject([{ state: 'draft' }]);
    });

    test('tells a button that was taken and did nothing from one that worked', async () => {
      const sale = await quotation();
      const proxied = bench.connect('runner', 'proxy');
      const deaf = await proxied.open();
      await bench.fault({
        match: { bodyIncludes: 'sale.sale.confirm' },
        action: 'reject',
        status: 200,
        body: '{"result":null}',
        times: 1,
      });
      expect(outcomesOf(await deaf.write('sale', [rowOf('activate', {}, sale)], passing))).toEqual(['rejected silentNoOp']);
      await bench.fault(null);
      expect((await read(sale.id)).state).toBe('quotation');
      await deaf.close();
      await proxied.dispose();
    });

    test('one bad sale stops its whole batch before anything is made', async () => {
      const references = [newKey(), newKey()];
      const rows = [
        rowOf('create', { reference: references[0] ?? '', ...base }),
        rowOf('create', { reference: references[1] ?? '', ...base, lines: [] }),
      ];
      expect(outcomesOf(await session.write('sale', rows, passing))).toEqual(['rejected invalidData', 'rejected invalidData']);
      expect(await port.findByKey('sale', references)).toEqual([]);
    });

    test('keeps the address of a sale when the party no longer lists it', async () => {
      const sale = await quotation();
      const [before] = await port.get('party', [party]);
      await session.write('party', [rowOf('update', { addresses: [home] }, { id: party })], passing);
      expect((await port.get('party', [party]))[0]!.fields['addresses']).toEqual([home]);
      expect((await read(sale.id)).fields['shipTo']).toEqual(depot);
      await session.write('party', [rowOf('update', { addresses: before!.fields['addresses'] ?? [] }, { id: party })], passing);
      expect((await port.get('party', [party]))[0]!.fields).toEqual(before!.fields);
    });

    test('changes no address that the sale of somebody else names, and takes it up again where it is wanted again', async () => {
      const create = rowOf('create', { code: newKey(), name: 'Known by telephone', addresses: [home, depot] });
      const known = idOf((await session.write('party', [create], passing))[0]);
      const person = bench.connect('person');
      const theirs = await person.open();
      const reference = newKey();
      const sale = rowOf('create', { reference, ...base, party: known });
      expect(outcomesOf(await theirs.write('sale', [sale], passing))).toEqual(['applied']);
      const [entered] = await port.findByKey('sale', [reference]);
      const moved = { ...home, street: 'Neue Str. 1', postalCode: '12210' };
      const change = async (addresses: readonly Fields[]): Promise<void> => {
        expect(outcomesOf(await session.write('party', [rowOf('update', { addresses }, { id: known })], passing))).toEqual(['applied']);
        expect((await port.get('party', [known]))[0]!.fields['addresses']).toEqual(addresses);
        expect((await read(entered!.id)).fields).toMatchObject({ invoiceAddress: home, shipTo: depot });
      };
      await change([moved]);
      await change([home, depot]);
      await change([depot, moved]);
      // An address that the party lists no more stays one of its sales that are there.
      const note = rowOf('update', { invoiceAddress: home, comment: 'as agreed' }, entered);
      expect(outcomesOf(await theirs.write('sale', [note], passing))).toEqual(['applied']);
      await change([home, depot]);
      expect((await read(entered!.id)).fields['comment']).toBe('as agreed');
      await theirs.close();
      await person.dispose();
    });

    test('changes no address that a sale of ours names where somebody else made the address, or was the last to change the sale', async () => {
      const person = bench.connect('person');
      const theirs = await person.open();
      const moved = { ...home, street: 'Neue Str. 1', postalCode: '12210' };
      for (const maker of [theirs, session]) {
        const create = rowOf('create', { code: newKey(), name: 'Known', addresses: [home, depot] });
        const known = idOf((await maker.write('party', [create], passing))[0]);
        const reference = newKey();
        const sale = rowOf('create', { reference, ...base, party: known, shipTo: home });
        expect(outcomesOf(await session.write('sale', [sale], passing))).toEqual(['applied']);
        const [entered] = await port.findByKey('sale', [reference]);
        if (maker === session) await theirs.write('sale', [rowOf('update', { shipTo: depot }, entered)], passing);
        const said = (await read(entered!.id)).fields;
        expect(said['shipTo']).toEqual(maker === session ? depot : home);
        for (const addresses of [[moved], [home, depot], [depot, moved], [home, depot]]) {
          expect(outcomesOf(await session.write('party', [rowOf('update', { addresses }, { id: known })], passing))).toEqual(['applied']);
          expect((await port.get('party', [known]))[0]!.fields['addresses']).toEqual(addresses);
          expect((await read(entered!.id)).fields).toMatchObject({ invoiceAddress: home, shipTo: said['shipTo'] });
        }
      }
      await theirs.close();
      await person.dispose();
    });

    test('a sale that gets another party keeps its addresses, by what they say', async () => {
      const create = rowOf('create', { code: newKey(), name: 'Alfreds under another number', addresses: [depot, home] });
      const other = idOf((await session.write('party', [create], passing))[0]);
      const bare = idOf(
        (await session.write('party', [rowOf('create', { code: newKey(), name: 'Has no depot', addresses: [home] })], passing))[0],
      );
      const sale = await quotation();
      expect(outcomesOf(await write('update', sale, { party: other }))).toEqual(['applied']);
      const moved = await read(sale.id);
      expect(moved).toMatchObject({ state: 'quotation', fields: { ...sale.fields, party: other } });
      expect(outcomesOf(await write('update', moved, { party: bare }))).toEqual(['rejected invalidData']);
      expect(outcomesOf(await write('update', await read(sale.id), { party: bare, shipTo: home }))).toEqual(['applied']);
      expect((await read(sale.id)).fields).toMatchObject({ party: bare, invoiceAddress: home, shipTo: home });
    });

    test('refuses to delete a party that sales name, and deactivates it', async () => {
      const key = newKey();
      const named = idOf(
        (await session.write('party', [rowOf('create', { code: key, name: 'Ernst Handel', addresses: [home, depot] })], passing))[0],
      );
      await quotation({ party: named });
      expect((await session.write('party', [rowOf('delete', {}, { id: named })], passing))[0]!.outcome).toBe('rejected');
      expect(outcomesOf(await session.write('party', [rowOf('deactivate', {}, { id: named })], passing))).toEqual(['applied']);
    });

    test('tells sales that others made with their party, a line that a person changed', async () => {
      const ours = await quotation();
      const untouched = await quotation();
      const since = new Date((await port.now()).earliestMs).toISOString();
      const person = bench.connect('person');
      const theirs = await person.open();
      const { fields } = rowOf('create', { code: newKey(), name: 'New customer', addresses: [home, depot] });
      const customer = idOf((await theirs.write('party', [rowOf('create', fields)], passing))[0]);
      const rows = [0, 1].map(() => rowOf('create', { reference: newKey(), ...base, party: customer }));
      const [kept, dropped] = (await theirs.write('sale', rows, passing)).map(idOf);
      await theirs.write('sale', [rowOf('cancel', {}, { id: dropped! })], passing);
      await theirs.write('sale', [rowOf('update', { lines: [line('7', '1.5')] }, { id: ours.id })], passing);
      const found = await changesSince(port, ['party', 'sale'], since);
      const told = found.map(({ object, id, change, owner, state }) => [object, id, change, owner, state]);
      expect(told).toEqual(
        expect.arrayContaining([
          ['party', customer, 'created', null, 'active'],
          ['sale', kept, 'created', customer, 'quotation'],
          ['sale', dropped, 'created', customer, 'cancelled'],
          ['sale', ours.id, 'changed', party, 'quotation'],
        ]),
      );
      expect(found.map(({ id, object }) => `${object} ${id}`)).not.toContain(`sale ${untouched.id}`);
      expect(told.map(([object]) => object)).toEqual([...told.map(([object]) => object)].sort());
      expect(port.capabilities.objects['sale']).toMatchObject({ owner: 'party', void: ['cancelled'] });
      await theirs.close();
      await person.dispose();
    });

    test('reads taxes and terms that finance set up, and refuses to write them', async () => {
      const [found] = await port.findByKey('tax', ['Sales tax 10%']);
      expect(found).toMatchObject({ state: 'active', createdByUs: false, fields: { name: 'Sales tax 10%' } });
      expect(Number(found!.fields['rate'])).toBe(0.1);
      expect(outcomesOf(await session.write('tax', [rowOf('create', { name: 'x', rate: '1' })], passing))).toEqual([
        'rejected unsupported',
      ]);
    });
  });
}
