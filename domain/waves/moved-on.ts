import type { WaveState } from './state.ts';

/** Somebody else has moved the wave: whoever meets this works for an attempt whose time is over, and must do nothing more. */
export class WaveMovedOn extends Error {
  constructor(wave: string, attempt: number, to: WaveState, at: { readonly state: WaveState; readonly attempt: number } | undefined) {
    const stands = at === undefined ? 'is not known' : `is in attempt ${String(at.attempt)}, state ${at.state}`;
    super(`attempt ${String(attempt)} of wave ${wave} can no longer become ${to}: the wave ${stands}; nothing was done`);
    this.name = 'WaveMovedOn';
  }
}
