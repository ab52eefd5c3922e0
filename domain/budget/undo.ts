import type { EffectOperation } from '../effects/verdict.ts';
import type { UndoKind } from '../rollback/kind.ts';

/** What of a system's capabilities tells how many records of one object are taken back together. */
export interface UndoPace {
  readonly batchSize: number;
  readonly paces: Readonly<Partial<Record<EffectOperation, { readonly batchSize: number }>>>;
  readonly undo: Readonly<Record<string, UndoKind>>;
}

const operations: Readonly<Record<UndoKind, EffectOperation>> = {
  delete: 'delete',
  deactivate: 'deactivate',
  cancel: 'cancel',
  restore: 'update',
  // What must remain is marked.
  impossible: 'annotate',
};

/** Records of one object that go into one write of a rollback, whichever way they are taken back: the fewest. */
export function undoBatchSize({ batchSize, paces, undo }: UndoPace): number {
  return Math.min(batchSize, ...Object.values(undo).map((kind) => paces[operations[kind]]?.batchSize ?? batchSize));
}

/**
 * Calls that a rollback of these records needs at most where the system refuses none of them: whole batches, one of each wave that is not full, and each
 * of them twice, for lanes that begin again. One that is refused in its batch is asked about again by itself.
 */
export function callsToUndo(
  written: readonly { readonly records: number; readonly batchSize: number }[],
  waves: number,
  callsPerBatch: number,
): number {
  return written
    .filter(({ records }) => records > 0)
    .map(({ records, batchSize }) => 2 * (Math.ceil(records / batchSize) + Math.min(waves, records) - 1) * callsPerBatch)
    .reduce((sum, calls) => sum + calls, 0);
}
