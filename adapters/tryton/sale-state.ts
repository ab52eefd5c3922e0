import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { OwnRefusal, Refusal } from './answers.ts';
import { readRows } from './batch.ts';
import type { Writer } from './caller.ts';
import { stampText } from './caller.ts';
import { stampsIn } from './object.ts';
import { idOf } from './row-fields.ts';
import { rejected, unknown } from './settle.ts';
import type { JsonObject } from './values.ts';
import { idText, objectsOf, textOf } from './values.ts';

export const saleModel = 'sale.sale';

/** A sale as it stands before or between the steps of a write. */
export interface SaleNow {
  readonly id: number;
  readonly state: string;
  readonly party: string | null;
  readonly stamp: string;
  readonly writtenByUs: boolean;
  readonly lines: readonly JsonObject[];
}

/** The sales of these rows, in order; refuses with `notFound` when one is gone. */
export async function salesNow(writer: Writer, ids: readonly number[]): Promise<readonly SaleNow[]> {
  const reads = ['state', 'party', '_timestamp', 'write_uid', 'lines._timestamp', 'lines.taxes'];
  return (await readRows(writer, saleModel, ids, reads, [])).map((row) => ({
    id: Number(row['id']),
    state: textOf(row['state']) ?? 'draft',
    party: idText(row['party']),
    stamp: stampText({ ...stampsIn(saleModel, [row]), ...stampsIn('sale.line', objectsOf(row['lines.'])) }),
    writtenByUs: row['write_uid'] === writer.userId,
    lines: objectsOf(row['lines.']),
  }));
}

/** Presses a button of Tryton on sales that stand in the right state for it. */
export async function press(
  writer: Writer,
  button: 'draft' | 'quote' | 'confirm' | 'cancel',
  ids: readonly number[],
  stamps: readonly (string | null)[] = [],
): Promise<void> {
  if (ids.length > 0) await writer.change(`model.${saleModel}.${button}`, [ids], stamps);
}

/**
 * Takes quotations back to draft, lets `act` change them with fresh stamps, and answers for what happens in between: where Tryton
 * refuses the change, or a person wrote to a draft meanwhile, the drafts are quoted again and the rows are rejected; where that
 * fails too, they are unknown. An `act` that throws a Refusal must have left the sales as it found them.
 */
export async function asDrafts(
  writer: Writer,
  rows: readonly WriteRow[],
  act: (drafts: readonly SaleNow[], stamps: readonly (string | null)[]) => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  const ids = rows.map(idOf);
  const before = await salesNow(writer, ids);
  const quoted = before.filter((sale) => sale.state === 'quotation').map((sale) => sale.id);
  const given = rows.map((row) => row.stamp);
  if (quoted.length > 0) await press(writer, 'draft', quoted, given);
  try {
    const drafts = quoted.length > 0 ? await salesNow(writer, ids) : before;
    const fresh = drafts.filter((sale) => quoted.includes(sale.id));
    if (fresh.some((sale) => sale.state !== 'draft' || !sale.writtenByUs)) throw meddled();
    return await act(
      drafts,
      drafts.map((sale, index) => (quoted.includes(sale.id) ? sale.stamp : (given[index] ?? null))),
    );
  } catch (error) {
    if (!(error instanceof Refusal) || !writer.applied()) throw error;
    return quoted.length > 0 ? quoteAgain(writer, rows, quoted, error) : rejected(rows, error);
  }
}

async function quoteAgain(
  writer: Writer,
  rows: readonly WriteRow[],
  quoted: readonly number[],
  refusal: Refusal,
): Promise<readonly RowOutcome[]> {
  try {
    const drafts = (await salesNow(writer, quoted)).filter((sale) => sale.state === 'draft');
    await press(
      writer,
      'quote',
      drafts.map((sale) => sale.id),
    );
    return rejected(rows, refusal);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return unknown(rows, `the sale could not be made a quotation again: ${error.message} (after ${refusal.message})`);
  }
}

function meddled(): OwnRefusal {
  return new OwnRefusal('conflict', 'somebody changed the sale while it was a draft; read it again');
}
