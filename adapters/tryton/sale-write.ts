import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { addressReads } from './address.ts';
import { OwnRefusal, Refusal } from './answers.ts';
import { readRows } from './batch.ts';
import type { Writer } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { badRow, idOf, listField, onlyKnown, recordId, textField } from './row-fields.ts';
import { lineVerbs } from './sale-lines.ts';
import { saleAddress } from './sale-record.ts';
import type { SaleNow } from './sale-state.ts';
import { putBack, quote, readBefore, unmake } from './sale-quote.ts';
import { asDrafts, saleModel } from './sale-state.ts';
import { saleParts, saleValues } from './sale-values.ts';
import { applied, rejected } from './settle.ts';
import type { Json, JsonObject } from './values.ts';

/** Neither confirming nor quoting makes an invoice or a shipment: people release them later. */
const harmless: JsonObject = { invoice_method: 'manual', shipment_method: 'manual' };

/**
 * Creates all sales in one call, then quotes them in a second one. Where Tryton refuses the second, the drafts are deleted and all rows are rejected;
 * a second call without an answer leaves all of them unknown, as drafts.
 */
export async function createSales(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const parts = await saleParts(writer, rows, []);
  const values: JsonObject[] = [];
  for (const row of rows) {
    const lines = linesToQuote(row);
    const head = await saleValues(row, String(recordId(row.fields['party'], 'party')), parts, writer, lookups);
    const currency = head['currency'] ?? (await lookups.currency(writer, null));
    values.push({ ...head, ...harmless, currency, lines: lineVerbs(lines, [], parts) });
  }
  const ids = await writer.create(saleModel, values);
  try {
    return await quote(writer, rows, ids);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await unmake(writer, ids, error);
    return rejected(rows, error);
  }
}

/**
 * Changes drafts and quotations and leaves them as quotations; a half-way draft of ours is completed by it. Where Tryton does not quote what was
 * changed, the change is taken back and the rows are rejected.
 */
export function updateSales(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return asDrafts(writer, rows, async (drafts, stamps) => {
    const closed = drafts.find((sale) => sale.state !== 'draft');
    if (closed) throw wrongState(closed, 'changed');
    const ids = drafts.map((sale) => sale.id);
    const args = await changes(writer, lookups, rows, drafts);
    const before = await readBefore(writer, ids, args);
    await writer.change(`model.${saleModel}.write`, args, stamps);
    try {
      return await quote(writer, rows, ids);
    } catch (error) {
      if (error instanceof Refusal) await putBack(writer, args, before, error);
      throw error;
    }
  });
}

/** Writes the comment alone, which Tryton takes in every state. */
export async function annotateSales(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const ids = rows.map(idOf);
  const args = rows.flatMap((row, index): Json[] => {
    onlyKnown(row.fields, ['comment']);
    return [[ids[index] ?? 0], { comment: textField(row.fields, 'comment') ?? null }];
  });
  await writer.change(
    `model.${saleModel}.write`,
    args,
    rows.map((row) => row.stamp),
  );
  return applied(rows, ids);
}

async function changes(writer: Writer, lookups: Lookups, rows: readonly WriteRow[], drafts: readonly SaleNow[]): Promise<readonly Json[]> {
  const parts = await saleParts(
    writer,
    rows,
    drafts.map((sale) => sale.party),
  );
  const partyOf = (index: number): string | null => {
    const party = rows[index]?.fields['party'];
    return party === undefined ? (drafts[index]?.party ?? null) : String(recordId(party, 'party'));
  };
  const moving = drafts.filter(({ party }, index) => partyOf(index) !== party).map(({ id }) => id);
  const addresses = await addressesOf(writer, moving);
  const args: Json[] = [];
  for (const [index, sale] of drafts.entries()) {
    const row = rows[index];
    if (row === undefined) continue;
    const lines = listField(row.fields, 'lines');
    const fields = { ...addresses.get(sale.id), ...row.fields };
    const head = await saleValues({ ...row, fields }, String(partyOf(index)), parts, writer, lookups);
    args.push([sale.id], { ...head, ...(lines === undefined ? {} : { lines: lineVerbs(lines, sale.lines, parts) }) });
  }
  return args;
}

/** The addresses of these sales, by what they say: a sale that gets another party keeps them, and Tryton wants them to be that party's. */
async function addressesOf(writer: Writer, ids: readonly number[]): Promise<ReadonlyMap<number, Fields>> {
  if (ids.length === 0) return new Map();
  const rows = await readRows(writer, saleModel, ids, [...addressReads('invoice_address.'), ...addressReads('shipment_address.')], []);
  return new Map(
    rows.map((row) => [
      Number(row['id']),
      { invoiceAddress: saleAddress(row, 'invoice_address.'), shipTo: saleAddress(row, 'shipment_address.') },
    ]),
  );
}

/** The lines of a new sale, after what Tryton needs for a quotation was found to be there. */
export function linesToQuote(row: Pick<WriteRow, 'fields'>): readonly Fields[] {
  const lines = listField(row.fields, 'lines') ?? [];
  if (lines.length === 0) throw badRow('lines must hold at least one line, because Tryton makes no quotation of an empty sale');
  for (const name of ['invoiceAddress', 'shipTo'])
    if ((row.fields[name] ?? null) === null) throw badRow(`${name} is missing, and Tryton makes no quotation without it`);
  return lines;
}

/** A sale whose state does not allow the operation. */
export function wrongState(sale: SaleNow, verb: string): OwnRefusal {
  return new OwnRefusal('unsupported', `a sale that is ${sale.state} cannot be ${verb} in Tryton; leave it to a person`);
}
