import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { deletePresent } from './batch.ts';
import type { Writer } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { idOf } from './row-fields.ts';
import type { SaleNow } from './sale-state.ts';
import { asDrafts, press, saleModel, salesNow } from './sale-state.ts';
import { wrongState } from './sale-write.ts';
import { applied } from './settle.ts';

/** Confirms quotations; those already confirmed are `unchanged`. Read back: one still a quotation afterwards is a `silentNoOp`. */
export async function activateSales(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const before = await salesNow(writer, rows.map(idOf));
  const early = before.find((sale) => sale.state === 'draft' || sale.state === 'cancelled');
  if (early) throw wrongState(early, 'confirmed');
  return move(writer, 'confirm', rows, before, ['quotation']);
}

/** Cancels drafts and quotations; those already cancelled are `unchanged`. */
export async function cancelSales(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const before = await salesNow(writer, rows.map(idOf));
  const late = before.find((sale) => !['draft', 'quotation', 'cancelled'].includes(sale.state));
  if (late) throw wrongState(late, 'cancelled');
  return move(writer, 'cancel', rows, before, ['draft', 'quotation']);
}

/** Deletes drafts, cancelled sales and quotations (which become drafts first). */
export function deleteSales(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return deletePresent(writer, saleModel, rows, [], (present) =>
    asDrafts(writer, present, async (drafts, stamps) => {
      const late = drafts.find((sale) => sale.state !== 'draft' && sale.state !== 'cancelled');
      if (late) throw wrongState(late, 'deleted');
      const ids = drafts.map((sale) => sale.id);
      await writer.change(`model.${saleModel}.delete`, [ids], stamps);
      return applied(present, ids);
    }),
  );
}

async function move(
  writer: Writer,
  button: 'confirm' | 'cancel',
  rows: readonly WriteRow[],
  before: readonly SaleNow[],
  from: readonly string[],
): Promise<readonly RowOutcome[]> {
  const moving = before.filter((sale) => from.includes(sale.state)).map((sale) => sale.id);
  await press(
    writer,
    button,
    moving,
    rows.map((row) => row.stamp),
  );
  const after = new Map((await salesNow(writer, moving)).map((sale) => [sale.id, sale.state]));
  return rows.map((row) => {
    const id = idOf(row);
    const state = after.get(id);
    if (state === undefined) return { effectId: row.effectId, outcome: 'unchanged', id: String(id) };
    if (!from.includes(state)) return { effectId: row.effectId, outcome: 'applied', id: String(id) };
    return {
      effectId: row.effectId,
      outcome: 'rejected',
      kind: 'silentNoOp',
      message: `Tryton took the ${button} and left the sale as it was (${state}); press it by hand and look into Tryton's log`,
    };
  });
}
