import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { OwnRefusal } from './answers.ts';
import type { Domain, Reader, Writer } from './caller.ts';
import { anyActivity } from './caller.ts';
import { idOf } from './row-fields.ts';
import { applied } from './settle.ts';
import type { JsonObject } from './values.ts';

/** Rows of a model in the order of their ids; refuses with `notFound` when one is gone. `always` as in `TrytonObject`. */
export async function readRows(
  reader: Reader,
  model: string,
  ids: readonly number[],
  fields: readonly string[],
  always = anyActivity,
): Promise<readonly JsonObject[]> {
  const rows = new Map((await reader.search(model, [['id', 'in', ids], ...always], fields)).map((row) => [row['id'], row]));
  return ids.map((id) => {
    const row = rows.get(id);
    if (row === undefined)
      throw new OwnRefusal('notFound', `record ${String(id)} of ${model} is gone from Tryton; ask who deleted it before it is made again`);
    return row;
  });
}

/** Sets `active` on all records in one call. */
export async function setActive(
  writer: Writer,
  model: string,
  rows: readonly WriteRow[],
  ids: readonly number[],
  active: boolean,
): Promise<readonly RowOutcome[]> {
  await writer.change(
    `model.${model}.write`,
    [ids, { active }],
    rows.map((row) => row.stamp),
  );
  return applied(rows, ids);
}

/** Deletes what is still there by `act`; a record that is gone already is `unchanged`. */
export async function deletePresent(
  writer: Writer,
  model: string,
  rows: readonly WriteRow[],
  always: Domain,
  act: (present: readonly WriteRow[]) => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  const found = new Set((await writer.search(model, [['id', 'in', rows.map(idOf)], ...always], [])).map((row) => row['id']));
  const present = rows.filter((row) => found.has(idOf(row)));
  const done = new Map((present.length === 0 ? [] : await act(present)).map((outcome) => [outcome.effectId, outcome]));
  return rows.map((row) => done.get(row.effectId) ?? { effectId: row.effectId, outcome: 'unchanged', id: String(idOf(row)) });
}
