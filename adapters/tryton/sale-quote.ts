import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Refusal } from './answers.ts';
import { OwnRefusal } from './answers.ts';
import { readRows } from './batch.ts';
import type { Writer } from './caller.ts';
import { listField } from './row-fields.ts';
import { lineVerbs } from './sale-lines.ts';
import { saleReads, saleRecord } from './sale-record.ts';
import type { SaleNow } from './sale-state.ts';
import { press, saleModel, salesNow } from './sale-state.ts';
import { saleParts } from './sale-values.ts';
import { applied, unknown } from './settle.ts';
import type { Json, JsonObject } from './values.ts';

const call = { system: 'tryton', operation: 'quote' };

/** Brings drafts to their rest and reads them back; a button that was taken and left drafts is a refusal. */
export async function quote(writer: Writer, rows: readonly WriteRow[], ids: readonly number[]): Promise<readonly RowOutcome[]> {
  await press(writer, 'quote', ids);
  const states = new Map((await salesNow(writer, ids)).map((sale) => [sale.id, sale.state]));
  if ([...states.values()].includes('draft'))
    throw new OwnRefusal(
      'silentNoOp',
      'Tryton took the quote and left a sale a draft; press it by hand and look into its log',
      call.operation,
    );
  return rows.flatMap((row, index) => {
    const id = ids[index] ?? 0;
    const state = String(states.get(id));
    if (state === 'quotation') return applied([row], [id]);
    return unknown([row], `the sale was written, but its state is ${state} instead of quotation`);
  });
}

/** Deletes sales that were made a moment ago and that Tryton will not quote, so that a refused create leaves nothing behind. */
export async function unmake(writer: Writer, ids: readonly number[], refusal: Refusal): Promise<void> {
  await undoing(refusal, async () => {
    const drafts = await ownDrafts(writer, ids);
    await writer.change(
      `model.${saleModel}.delete`,
      [ids],
      drafts.map((sale) => sale.stamp),
    );
  });
}

/** Sales as they were before a change: what the change writes, in Tryton's own names and values, and their lines. */
export type Before = readonly JsonObject[];

/** Reads what a write with these arguments is about to replace. */
export async function readBefore(writer: Writer, ids: readonly number[], args: readonly Json[]): Promise<Before> {
  return readRows(writer, saleModel, ids, [...new Set([...saleReads, ...written(args).flatMap((values) => Object.keys(values))])], []);
}

/** Gives sales that were changed a moment ago, and that Tryton will not quote so, what they had before. */
export async function putBack(writer: Writer, args: readonly Json[], before: Before, refusal: Refusal): Promise<void> {
  await undoing(refusal, async () => {
    const drafts = await ownDrafts(
      writer,
      before.map((row) => Number(row['id'])),
    );
    if (drafts.some((sale) => !sale.writtenByUs)) throw new AdapterError('conflict', 'somebody changed the sale meanwhile', call);
    const old = before.map((row): WriteRow => ({ ...nothing, fields: saleRecord(row, writer.userId).fields }));
    const parts = await saleParts(writer, old, []);
    const back = written(args).flatMap((values, index): Json[] => {
      const [sale, row, fields] = [drafts[index], before[index], old[index]?.fields];
      if (sale === undefined || row === undefined || fields === undefined) return [];
      const entries = Object.keys(values).map((name): [string, Json] => [
        name,
        name === 'lines' ? lineVerbs(listField(fields, 'lines') ?? [], sale.lines, parts) : (row[name] ?? null),
      ]);
      return [[sale.id], Object.fromEntries(entries)];
    });
    await writer.change(
      `model.${saleModel}.write`,
      back,
      drafts.map((sale) => sale.stamp),
    );
  });
}

const nothing = { effectId: '', operation: 'update', id: null, stamp: null } as const;

/** The values in the arguments of a Tryton write, which are ids and values by turns. */
function written(args: readonly Json[]): readonly JsonObject[] {
  return args.filter((_, index) => index % 2 === 1) as readonly JsonObject[];
}

async function ownDrafts(writer: Writer, ids: readonly number[]): Promise<readonly SaleNow[]> {
  const sales = await salesNow(writer, ids);
  const other = sales.find((sale) => sale.state !== 'draft');
  if (other === undefined) return sales;
  throw new AdapterError('conflict', `a sale is ${other.state} meanwhile`, call);
}

/** Takes back what was written before the refusal; where that fails, nobody knows the outcome, and the message says both. */
async function undoing(refusal: Refusal, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const why = error instanceof AdapterError ? error.message : 'it was not sent, or not answered as it should be';
    throw new AdapterError('unavailable', `${refusal.message} What was written before could not be taken back: ${why}`, {
      ...call,
      unknownOutcome: true,
      cause: error,
    });
  }
}
