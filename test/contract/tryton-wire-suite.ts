import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { startWithinMs } from './target-suite.ts';
import type { RunningTryton } from './tryton-bench.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
interface Answer {
  readonly status: number;
  readonly result?: Json;
  readonly error?: Json;
}

const decimal = (text: string): Json => ({ __class__: 'Decimal', decimal: text });

/** Values and names of records, which Tryton quotes in its messages, are left out of the comparison. */
function withoutNames(error: Json | undefined): string {
  const [name, details] = Array.isArray(error) ? error : [];
  const text = Array.isArray(details) ? details[0] : details;
  if (typeof name !== 'string' || typeof text !== 'string') throw new Error(`expected a named refusal, got ${JSON.stringify(error)}`);
  return `${name}: ${text.replace(/(record|records|sale|line|value|on) "(?:'[^']*'|[^"])*"/g, '$1 ""')}`;
}

/**
 * What Tryton 8.2 answers on the wire, status by status and refusal by refusal: run against the real one and against the sandbox,
 * it shows that the sandbox answers alike.
 */
export function trytonWireSuite(name: string, make: () => Promise<RunningTryton>): void {
  describe(`${name}: on the wire`, () => {
    let system: RunningTryton;
    let session: string;
    let context: { [name: string]: Json };
    let base: { [name: string]: Json };
    let unit: number;

    const post = async (
      method: string,
      params: Json[],
      authorization: string | null = session,
      path = `/${system.database}/rpc/`,
    ): Promise<Answer> => {
      const headers = {
        'content-type': 'application/json',
        ...(authorization === null ? {} : { authorization: `Session ${Buffer.from(authorization).toString('base64')}` }),
      };
      const reply = await fetch(`${system.url}${path}`, { method: 'POST', headers, body: JSON.stringify({ id: 7, method, params }) });
      const text = await reply.text();
      return { status: reply.status, ...(reply.status === 200 ? (JSON.parse(text) as object) : {}) };
    };
    const login = async (user: 'cutover' | 'sales'): Promise<string> => {
      const { result } = await post('common.db.login', [user, { password: system.passwords[user] }], null);
      const [id, key, bus] = result as [number, string, null];
      expect([typeof id, key.length, bus]).toEqual(['number', 64, null]);
      return `${user}:${String(id)}:${key}`;
    };
    const call = async (method: string, args: Json[], extra: { [name: string]: Json } = {}): Promise<Answer> =>
      post(`model.${method}`, [...args, { ...context, ...extra }]);
    const done = async (method: string, args: Json[]): Promise<Json> => {
      const answer = await call(method, args);
      if (answer.result === undefined) throw new Error(`${method}: ${JSON.stringify(answer)}`);
      return answer.result;
    };
    const refusal = async (method: string, args: Json[], extra: { [name: string]: Json } = {}): Promise<string> => {
      const answer = await call(method, args, extra);
      expect([method, answer.status, answer.result]).toEqual([method, 200, undefined]);
      return withoutNames(answer.error);
    };
    const first = async (method: string, args: Json[]): Promise<number> => ((await done(method, args)) as number[])[0]!;
    const key = (): string => `W-${randomUUID().slice(0, 13)}`;
    const newProduct = async (values: { [name: string]: Json }): Promise<number> => {
      const template = await first('product.template.create', [
        [
          {
            name: 'Chai',
            type: 'goods',
            default_uom: unit,
            sale_uom: unit,
            list_price: decimal('1'),
            products: [['create', [{ suffix_code: key() }]]],
            ...values,
          },
        ],
      ]);
      return ((await done('product.template.read', [[template], ['products']])) as { products: number[] }[])[0]!.products[0]!;
    };
    const newSale = async (values: { [name: string]: Json } = {}): Promise<number> =>
      first('sale.sale.create', [[{ ...base, reference: 'W', ...values }]]);
    const stateOf = async (id: number): Promise<Json> => ((await done('sale.sale.read', [[id], ['state']])) as { state: Json }[])[0]!.state;

    beforeAll(async () => {
      system = await make();
      session = await login('cutover');
      context = ((await post('model.res.user.get_preferences', [true, {}])).result ?? {}) as { [name: string]: Json };
      unit = await first('product.uom.search', [[['name', '=', 'Unit']], 0, 1, null]);
      const party = await first('party.party.create', [
        [{ name: 'Wire Ltd', code: key(), addresses: [['create', [{ street: 'A' }, { street: 'B' }]]] }],
      ]);
      const [{ addresses }] = (await done('party.party.read', [[party], ['addresses']])) as [{ addresses: number[] }];
      const line: Json = { type: 'line', product: await newProduct({ salable: true }), unit, quantity: 1, unit_price: decimal('2.0000') };
      base = {
        party,
        invoice_address: addresses[0]!,
        shipment_address: addresses[1]!,
        invoice_method: 'manual',
        shipment_method: 'manual',
        lines: [['create', [line]]],
      };
    }, startWithinMs);
    afterAll(async () => {
      await system.stop();
    });

    test('tells its series without a login, and answers wrong logins and dead sessions with 401', async () => {
      expect(await post('common.server.version', [], null, '/rpc/')).toMatchObject({ status: 200, result: '8.2' });
      expect((await post('common.db.login', ['cutover', { password: 'wrong' }], null)).status).toBe(401);
      expect((await post('model.party.party.search_count', [[], context], null)).status).toBe(401);
      const other = await login('cutover');
      expect(await post('common.db.logout', [], other)).toMatchObject({ status: 200, result: null });
      expect((await post('common.db.logout', [], other)).status).toBe(401);
      expect((await post('model.party.party.search_count', [[], context], other)).status).toBe(401);
      expect((await call('party.party.search_count', [[]])).status).toBe(200);
    });

    test('answers methods it does not offer with 403, a missing context with 422, and unknown names with nothing but the name', async () => {
      expect((await call('party.party.no_such_method', [])).status).toBe(403);
      expect((await post('model.party.party.search', [[]])).status).toBe(422);
      expect((await call('party.no_such_model.search', [[]])).error).toEqual(["'party.no_such_model'", '']);
      expect((await call('party.party.create', [[{ nam: 'x' }]])).error).toEqual(["'nam'", '']);
      expect((await call('party.party.search_read', [[], 0, 1, null, ['nam']])).error).toEqual(["'nam'", '']);
      expect((await call('party.party.search_read', [[['nam', '=', 1]], 0, 1, null, ['name']])).error).toEqual(["'nam'", '']);
    });

    test('hides what is inactive in a list of alternatives, unless a clause right in it speaks of that', async () => {
      const code = key();
      const id = await first('party.party.create', [[{ name: 'x', code }]]);
      await done('party.party.write', [[id], { active: false }]);
      const found = async (...alternatives: Json[]): Promise<Json> =>
        done('party.party.search', [
          [
            ['OR', ['code', '=', code], ...alternatives],
            ['active', 'in', [true, false]],
          ],
          0,
          null,
          null,
        ]);
      expect(await found(['code', '=', 'none'])).toEqual([]);
      expect(
        await found([
          ['code', '=', 'none'],
          ['active', 'in', [true, false]],
        ]),
      ).toEqual([]);
      expect(await found(['active', 'in', []])).toEqual([id]);
    });

    test('takes the number of a party from its create alone, even where a write says the same', async () => {
      const code = key();
      const id = await first('party.party.create', [[{ name: 'x', code }]]);
      const closed = 'UserError: You are not allowed to modify the field "Code" in record "" of "Party".';
      expect(await refusal('party.party.write', [[id], { code: key() }])).toBe(closed);
      expect(await refusal('party.party.write', [[id], { code }])).toBe(closed);
    });

    test('rolls a whole batch back for one code that is taken, even by an inactive party, and strips blanks', async () => {
      const code = key();
      const id = await first('party.party.create', [[{ name: 'x', code: ` ${code} ` }]]);
      await done('party.party.write', [[id], { active: false }]);
      expect(await done('party.party.search_read', [[['id', '=', id]], 0, null, null, ['code']])).toEqual([]);
      expect(await done('party.party.read', [[id], ['code']])).toEqual([{ id, code }]);
      const before = await done('party.party.search_count', [[['active', 'in', [true, false]]]]);
      expect(
        await refusal('party.party.create', [
          [
            { name: 'y', code: key() },
            { name: 'z', code },
          ],
        ]),
      ).toBe('UserError: The code on party must be unique.');
      expect(await done('party.party.search_count', [[['active', 'in', [true, false]]]])).toBe(before);
    });

    test('keeps the blanks around the name of a party and in a text of several lines, and takes no tab or line break in a short one', async () => {
      const id = await first('party.party.create', [
        [{ name: ' x ', code: key(), contact_mechanisms: [['create', [{ type: 'phone', value: '\u00a0030 1\u001f', name: 'A ' }]]] }],
      ]);
      expect(await done('party.party.read', [[id], ['name']])).toEqual([{ id, name: ' x ' }]);
      const held = ['value', 'name'];
      expect(await done('party.contact_mechanism.search_read', [[['party', '=', id]], 0, null, null, held])).toMatchObject([
        { value: '030 1', name: 'A' },
      ]);
      for (const code of ['a\tb', 'a\nb'])
        expect(await refusal('party.party.create', [[{ name: 'x', code }]])).toMatch(
          /^UserError: The value .* contains some invalid chars/,
        );
    });

    test('numbers a party without a code by itself', async () => {
      const id = await first('party.party.create', [[{ name: 'numbered' }]]);
      expect(((await done('party.party.read', [[id], ['code']])) as { code: string }[])[0]!.code).toMatch(/^\d+$/);
    });

    test('reads related fields below a dotted name, and hides inactive children', async () => {
      const id = await first('party.party.create', [
        [{ name: 'x', code: key(), addresses: [['create', [{ street: 'A' }, { street: 'B' }]]] }],
      ]);
      const [{ addresses }] = (await done('party.party.read', [[id], ['addresses']])) as [{ addresses: number[] }];
      await done('party.address.write', [[addresses[1]!], { active: false }]);
      const [row] = (await done('party.party.read', [[id], ['addresses', 'addresses.street', 'addresses.country.code', 'create_uid']])) as [
        { [name: string]: Json },
      ];
      expect(row).toMatchObject({ id, addresses: [addresses[0]], 'addresses.': [{ street: 'A', 'country.': null }] });
      expect(String(row['create_uid'] as number)).toBe(session.split(':')[1]);
    });

    test('refuses a product code in use by an active variant, also under an inactive template, and a fifth decimal', async () => {
      const code = key();
      const values = { name: 'x', type: 'service', default_uom: unit, products: [['create', [{ suffix_code: code }]]] };
      const template = await first('product.template.create', [[values]]);
      expect(await refusal('product.template.create', [[values]])).toBe('UserError: Code of active product must be unique.');
      expect(await refusal('product.template.write', [[template], { list_price: decimal('1.00001') }])).toMatch(
        /^UserError: The number of digits in the value "" for field "List Price" .* exceeds the limit of "\(None, 4\)"\.$/,
      );
      expect(await refusal('product.template.write', [[template], { salable: true }])).toBe(
        'UserError: A value is required for field "Sale UoM" in record "" of "Product Template".',
      );
      await done('product.template.write', [[template], { active: false }]);
      expect(await done('product.product.search', [[['code', '=', code]], 0, null, null])).toEqual([]);
      expect(await refusal('product.template.create', [[values]])).toBe('UserError: Code of active product must be unique.');
      expect(await refusal('product.template.create', [[{ ...values, type: 'gods', products: [] }]])).toMatch(
        /is not one of the allowed options\.$/,
      );
    });

    test('lets only the finance group set the account category', async () => {
      const category = await first('product.category.search', [[['name', '=', 'Goods']], 0, 1, null]);
      const values = { name: 'x', default_uom: unit, account_category: category };
      expect(await refusal('product.template.create', [[values]])).toBe(
        'UserError: You are not allowed to access "Product Template.Account Category".',
      );
    });

    test('shows inactive records, and records with an inactive part, where the context says so', async () => {
      const id = await first('party.party.create', [
        [{ name: 'x', code: key(), addresses: [['create', [{ street: 'A' }, { street: 'B' }]]] }],
      ]);
      const [{ addresses }] = (await done('party.party.read', [[id], ['addresses']])) as [{ addresses: number[] }];
      await done('party.address.write', [[addresses[0]!], { active: false, city: 'Ulm' }]);
      const inUlm: Json[] = [
        ['id', '=', id],
        ['addresses', 'where', [['city', '=', 'Ulm']]],
      ];
      const search = async (domain: Json[], extra: { [name: string]: Json } = {}): Promise<Json> =>
        (await call('party.party.search', [domain, 0, null, [['id', 'ASC']]], extra)).result ?? null;
      expect(await search(inUlm)).toEqual([]);
      expect(await search(inUlm, { active_test: false })).toEqual([id]);
      await done('party.party.write', [[id], { active: false }]);
      expect(await search([['id', '=', id]])).toEqual([]);
      expect(await search([['OR', ['id', '=', id], ['id', '=', -1]]], { active_test: false })).toEqual([id]);
    });

    test('echoes the id of the request', async () => {
      const body = JSON.stringify({ id: 4711, method: 'common.server.version', params: [] });
      const reply = await fetch(`${system.url}/rpc/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect(await reply.json()).toMatchObject({ id: 4711 });
    });

    test('checks a stamp when that very record is written or deleted, of children as well', async () => {
      const id = await first('party.party.create', [[{ name: 'x', code: key(), addresses: [['create', [{ street: 'A' }]]] }]]);
      const [row] = (await done('party.party.read', [[id], ['_timestamp', 'addresses', 'addresses._timestamp']])) as [
        { [name: string]: Json },
      ];
      const address = (row['addresses'] as number[])[0]!;
      const stamp = ((row['addresses.'] as { [name: string]: Json }[])[0]!['_timestamp'] ?? '') as string;
      await done('party.address.write', [[address], { city: 'Berlin' }]);
      const stale = { _timestamp: { [`party.party,${String(id)}`]: row['_timestamp']!, [`party.address,${String(address)}`]: stamp } };
      expect(await refusal('party.party.delete', [[id]], stale)).toBe('ConcurrencyException: Records were modified in the meanwhile');
      expect(await refusal('party.party.write', [[id], { addresses: [['write', [address], { city: 'x' }]] }], stale)).toMatch(
        /^ConcurrencyException/,
      );
      expect((await call('party.party.write', [[id], { name: 'y' }], stale)).result).toBeNull();
      expect(await refusal('party.party.write', [[id], { name: 'z' }], stale)).toMatch(/^ConcurrencyException/);
    });

    test('takes a second delete for done and refuses to read or write what is gone', async () => {
      const id = await first('party.party.create', [[{ name: 'x', code: key() }]]);
      expect(await done('party.party.delete', [[id]])).toBeNull();
      expect(await done('party.party.delete', [[id]])).toBeNull();
      expect(await refusal('party.party.read', [[id], ['name']])).toBe(
        'UserError: You are trying to read records "" of "Party" that don\'t exist.',
      );
      expect(await refusal('party.party.write', [[id], { name: 'y' }])).toBe(
        'UserError: You are trying to write to records "" of "Party" that don\'t exist.',
      );
    });

    test('refuses sales with unknown, foreign, missing or unsalable parts', async () => {
      const [line] = (base['lines'] as [[string, { [name: string]: Json }[]]])[0][1];
      const unsalable = await newProduct({ salable: false });
      const stranger = await first('party.party.create', [[{ name: 'x', code: key(), addresses: [['create', [{ street: 'C' }]]] }]]);
      const [{ addresses }] = (await done('party.party.read', [[stranger], ['addresses']])) as [{ addresses: number[] }];
      const withLine = (changes: { [name: string]: Json }): Json[] => [[{ ...base, lines: [['create', [{ ...line, ...changes }]]] }]];
      expect(await refusal('sale.sale.create', [[{ ...base, party: 999_999 }]])).toBe(
        'UserError: The value "" for field "Party" in "Sale" does not exist.',
      );
      expect(await refusal('sale.sale.create', [[{ ...base, invoice_address: addresses[0]! }]])).toBe(
        'UserError: The value "" for field "Invoice Address" in record "" of "Sale" is not valid according to its domain.',
      );
      expect(await refusal('sale.sale.create', withLine({ product: unsalable }))).toBe(
        'UserError: The value "" for field "Product" in record "" of "Sale Line" is not valid according to its domain.',
      );
      expect(await refusal('sale.sale.create', withLine({ unit_price: decimal('1.00001') }))).toMatch(
        /for field "Unit Price" in record "" of "Sale Line" exceeds the limit of "\(None, 4\)"\.$/,
      );
      expect(await refusal('sale.sale.create', withLine({ quantity: 2.5 }))).toMatch(
        /for field "Quantity" in record "" of "Sale Line" exceeds the limit of "\(None, 0\)"\.$/,
      );
      const named = (await call('sale.sale.create', [
        [{ ...base, reference: '4711', lines: [['create', [{ ...line, quantity: 2.5 }]]] }],
      ])) as unknown as { readonly error: readonly [string, readonly [string]] };
      // The name of a line: its quantity, the product with its number, the sale with its reference.
      expect(named.error[1][0]).toMatch(/in record "2\S*\su \[W-[\w-]+\] Chai @ \[4711\]" of "Sale Line" exceeds the limit/);
      expect(await refusal('sale.sale.create', withLine({ taxes: [['add', [999_999]]] }))).toBe(
        'UserError: A tax can be added only once to a sale line.',
      );
      expect(await refusal('sale.sale.create', [[{ ...base, number: '77' }]])).toBe(
        'UserError: You are not allowed to modify the field "Number" of "Sale".',
      );
      expect((await call('sale.sale.create', [[{ ...base, untaxed_amount: decimal('1') }]])).error).toEqual([
        'Missing setter function for field "Untaxed" in "Sale".',
        '',
      ]);
    });

    test('takes the number with the first quotation and keeps it', async () => {
      const id = await newSale();
      const number = async (): Promise<Json> => ((await done('sale.sale.read', [[id], ['number']])) as { number: Json }[])[0]!.number;
      expect(await number()).toBeNull();
      await done('sale.sale.quote', [[id]]);
      const taken = await number();
      expect(taken).toMatch(/^\d+$/);
      await done('sale.sale.draft', [[id]]);
      await done('sale.sale.quote', [[id]]);
      expect(await number()).toBe(taken);
    });

    test('closes the fields of a quotation, but not reference, comment, sale date and the note of a line', async () => {
      const id = await newSale();
      await done('sale.sale.quote', [[id]]);
      const [line] = (base['lines'] as [[string, Json[]]])[0][1];
      const [{ lines }] = (await done('sale.sale.read', [[id], ['lines']])) as [{ lines: number[] }];
      expect(await refusal('sale.sale.write', [[id], { description: 'x' }])).toBe(
        'UserError: You are not allowed to modify the field "Description" in record "" of "Sale".',
      );
      expect(await refusal('sale.sale.write', [[id], { lines: [['create', [line!]]] }])).toBe(
        'UserError: You are not allowed to modify the field "Type" in record "" of "Sale Line".',
      );
      expect(await refusal('sale.sale.write', [[id], { lines: [['write', lines, { quantity: 2 }]] }])).toBe(
        'UserError: You are not allowed to modify the field "Quantity" in record "" of "Sale Line".',
      );
      expect(await refusal('sale.sale.write', [[id], { lines: [['delete', lines]] }])).toBe(
        'UserError: To delete line "" you must cancel or reset to draft sale "".',
      );
      expect(await refusal('sale.sale.delete', [[id]])).toBe('UserError: To delete sale "" you must cancel it.');
      const sale_date: Json = { __class__: 'date', year: 2026, month: 3, day: 1 };
      expect(
        await done('sale.sale.write', [[id], { reference: 'x', comment: 'y', sale_date, lines: [['write', lines, { note: 'z' }]] }]),
      ).toBeNull();
    });

    test('refuses every button pressed in a state that does not lead on, for the whole batch', async () => {
      const draft = await newSale();
      const quoted = await newSale();
      await done('sale.sale.quote', [[quoted]]);
      const button = (name: string): string => `UserError: You can not call "${name}" on "" of "Sale".`;
      expect(await refusal('sale.sale.quote', [[draft, quoted]])).toBe(button('quote'));
      expect(await stateOf(draft)).toBe('draft');
      expect(await refusal('sale.sale.confirm', [[draft]])).toBe(button('confirm'));
      await done('sale.sale.confirm', [[quoted]]);
      expect(await stateOf(quoted)).toBe('processing');
      for (const name of ['quote', 'confirm', 'cancel', 'draft']) expect(await refusal(`sale.sale.${name}`, [[quoted]])).toBe(button(name));
      expect(await refusal('sale.sale.delete', [[quoted]])).toBe('UserError: To delete sale "" you must cancel it.');
      await done('sale.sale.cancel', [[draft]]);
      expect(await refusal('sale.sale.cancel', [[draft]])).toBe(button('cancel'));
      expect(await done('sale.sale.delete', [[draft]])).toBeNull();
    });

    test('makes no quotation without lines or addresses', async () => {
      expect(await refusal('sale.sale.quote', [[await newSale({ lines: [] })]])).toBe(
        'UserError: You can not call "quote" on "" of "Sale".',
      );
      expect(await refusal('sale.sale.quote', [[await newSale({ invoice_address: null })]])).toBe(
        'UserError: To get a quote for sale "" you must enter an invoice address.',
      );
      expect(await refusal('sale.sale.quote', [[await newSale({ shipment_address: null })]])).toBe(
        'UserError: To get a quote for sale "" you must enter a shipment address.',
      );
    });

    test('makes an invoice on confirming with the method of its own, leaves the sale confirmed where that fails, and makes none with manual ones', async () => {
      const confirmed = async (product: number, method: string): Promise<Json> => {
        const line: Json = { type: 'line', product, unit, quantity: 1, unit_price: decimal('2') };
        const id = await newSale({ invoice_method: method, lines: [['create', [line]]] });
        await done('sale.sale.quote', [[id]]);
        expect(await done('sale.sale.confirm', [[id]])).toBeNull();
        const [row] = (await done('sale.sale.read', [[id], ['state', 'invoices', 'shipments']])) as [
          { state: string; invoices: Json[]; shipments: Json[] },
        ];
        return [row.state, row.invoices.length, row.shipments.length];
      };
      const freight = await first('product.product.search', [[['code', '=', 'FREIGHT']], 0, 1, null]);
      const withoutCategory = await newProduct({ salable: true });
      expect(await confirmed(freight, 'order')).toEqual(['processing', 1, 0]);
      expect(await confirmed(freight, 'manual')).toEqual(['processing', 0, 0]);
      expect(await confirmed(withoutCategory, 'manual')).toEqual(['processing', 0, 0]);
      expect(await confirmed(withoutCategory, 'order')).toEqual(['confirmed', 0, 0]);
    });

    test('closes an inactive record, but not what hangs below it, until it is active again', async () => {
      const id = await first('party.party.create', [[{ name: 'x', code: key(), addresses: [['create', [{ street: 'A' }]]] }]]);
      const [{ addresses }] = (await done('party.party.read', [[id], ['addresses']])) as [{ addresses: number[] }];
      await done('party.party.write', [[id], { active: false }]);
      const closed = 'UserError: You are not allowed to modify the field "Name" in record "" of "Party".';
      expect(await refusal('party.party.write', [[id], { name: 'y' }])).toBe(closed);
      expect(await refusal('party.party.write', [[id], { active: true, name: 'y' }])).toBe(closed);
      expect(await done('party.party.write', [[id], { addresses: [['write', addresses, { city: 'Berlin' }]] }])).toBeNull();
      expect(await done('party.party.write', [[id], { active: true }])).toBeNull();
      expect(await done('party.party.write', [[id], { active: false, name: 'y' }])).toBeNull();
      expect(await refusal('party.party.create', [[{ name: 'z', code: key(), active: false }]])).toMatch(
        /^UserError: You are not allowed to modify the field/,
      );
    });

    test('refuses to delete what sales name, and empties the address of a quotation without a word', async () => {
      const party = await first('party.party.create', [
        [{ name: 'x', code: key(), addresses: [['create', [{ street: 'A' }, { street: 'B' }]]] }],
      ]);
      const [{ addresses }] = (await done('party.party.read', [[party], ['addresses']])) as [{ addresses: number[] }];
      const id = await newSale({ party, invoice_address: addresses[0]!, shipment_address: addresses[1]! });
      await done('sale.sale.quote', [[id]]);
      await done('party.party.write', [[party], { addresses: [['delete', [addresses[1]!]]] }]);
      expect(await done('sale.sale.read', [[id], ['shipment_address']])).toEqual([{ id, shipment_address: null }]);
      expect(await refusal('party.party.delete', [[party]])).toBe(
        'UserError: The records could not be deleted because they are used by field "Party" of "Sale".',
      );
      await done('sale.sale.confirm', [[id]]);
      expect(await refusal('party.party.delete', [[party]])).toBe(
        'UserError: A value is required for field "Invoice Address" in record "" of "Sale".',
      );
    });
  });
}
