import type { Transaction } from 'kysely';
import { kindsThat } from '../domain/exceptions/kind.ts';
import { endEffects, type EffectEnd } from './effects.ts';
import { openExceptions, reopenException, type NewException } from './exceptions.ts';
import type { SourceName } from './owners.ts';
import type { LaneToken } from './tokens.ts';

/** What an undo writes down of records beside their rows. */
export interface Undone {
  /** Records that are again what an earlier attempt had left, and want a person again. */
  readonly leftAgain: readonly Pick<SourceName, 'object' | 'sourceId'>[];
  readonly told: readonly NewException[];
  readonly effects: readonly EffectEnd[];
}

/** Writes that down within the transaction that ends the rows, and has proved the lane's token. */
export async function writeUndone(tx: Transaction<unknown>, { run, wave }: LaneToken, { leftAgain, told, effects }: Undone): Promise<void> {
  for (const { object, sourceId } of leftAgain) await reopenException(tx, run, { object, sourceId }, kindsThat('curedBySwitch'));
  await openExceptions(tx, run, wave, told);
  await endEffects(tx, effects);
}
