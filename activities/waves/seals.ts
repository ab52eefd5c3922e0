import type { WaveRef } from '../../contracts/messages.ts';
import type { FreezeState } from '../../contracts/source.ts';
import { listedFirst } from '../../domain/listed.ts';
import type { Context } from '../deps.ts';
import { freezeName } from './freeze.ts';

/** What of a wave's seals does not stand in legacy, as sentences; none when each account is sealed by this generation and legacy refuses writers. */
export async function sealFaults(
  { sys }: Context,
  ref: Pick<WaveRef, 'run' | 'wave'>,
  generation: number,
  accounts: readonly string[],
): Promise<readonly string[]> {
  const own = (await sys.source.freezeStates(accounts)).filter(
    (state) => state.wave === freezeName(ref) && state.generation === generation,
  );
  const sealed = own.filter((state) => state.sealed);
  const closed = new Set(sealed.map(({ account }) => account));
  const missing = accounts.filter((account) => !closed.has(account));
  const loose = sealed.filter((state) => !state.holds).map((state) => state.account);
  return [
    ...(missing.length > 0 ? [`${String(missing.length)} accounts have no seal (${named(missing)})`] : []),
    ...(loose.length > 0 ? [`the seals of ${String(loose.length)} accounts refuse nobody (${named(loose)})${why(sealed)}`] : []),
  ];
}

/** What lets writers past these freezes, to be added to a sentence; nothing where that is not known. */
function why(states: readonly FreezeState[]): string {
  const loose = [...new Set(states.flatMap((state) => state.loose ?? []))];
  return loose.length === 0 ? '' : `: ${named(loose)}`;
}

/** A lease with less than this left (ms) is not judged any more: it may end while we look. */
const sureLeaseMs = 2_000;

/** What of a wave's freeze does not stand in legacy though its lease, of which the ledger knows so much is left, cannot have ended. */
export async function freezeFaults(
  { sys }: Context,
  ref: Pick<WaveRef, 'run' | 'wave'>,
  generation: number,
  accounts: readonly string[],
  leftMs: number,
): Promise<readonly string[]> {
  if (leftMs < sureLeaseMs) return [];
  const states = await sys.source.freezeStates(accounts);
  const holding = states.filter((state) => state.wave === freezeName(ref) && state.generation === generation && state.holds);
  const closed = new Set(holding.map(({ account }) => account));
  const open = accounts.filter((account) => !closed.has(account));
  return open.length === 0
    ? []
    : [`${String(open.length)} frozen accounts are open before their lease has ended (${named(open)})${why(states)}`];
}

const shown = 5;

function named(names: readonly string[]): string {
  return listedFirst(names.slice(0, shown), names.length);
}
