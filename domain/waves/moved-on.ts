import type { WaveAct } from './acts.ts';
import { waveStates, type WaveState } from './state.ts';

const words: Readonly<Record<WaveAct | 'plan' | 'judge', string>> = {
  plan: 'plan lanes',
  stage: 'stage records',
  freeze: 'be frozen',
  extend: 'prolong its lease',
  seal: 'be sealed',
  unseal: 'be unsealed',
  release: 'release accounts',
  findBusiness: 'export new business',
  takeBack: 'be taken back',
  thaw: 'be thawed',
  takeUp: 'take up accounts of another wave',
  leave: 'let accounts go',
  judge: 'be judged at its gate',
};

function isState(to: WaveState | WaveAct | 'plan'): to is WaveState {
  return waveStates.some((state) => state === to);
}

/** Somebody else has moved the wave: whoever meets this works for an attempt whose time is over, and must do nothing more. */
export class WaveMovedOn extends Error {
  constructor(
    wave: string,
    attempt: number,
    to: WaveState | WaveAct | 'plan',
    at: { readonly state: WaveState; readonly attempt: number } | undefined,
  ) {
    const stands = at === undefined ? 'is not known' : `is in attempt ${String(at.attempt)}, state ${at.state}`;
    const wish = isState(to) ? `can no longer become ${to}` : `may not ${words[to]} now`;
    super(`attempt ${String(attempt)} of wave ${wave} ${wish}: the wave ${stands}; nothing was done`);
    this.name = 'WaveMovedOn';
  }
}

/** Another try of the same work, which slept, has begun it anew meanwhile: this try is made again, and finds what the other has done. */
export class Overtaken extends Error {
  constructor(wave: string, act: WaveAct | 'judge') {
    super(
      `wave ${wave} may not ${words[act]} for this try any more: another try of the same work has begun it anew; this one is tried again`,
    );
    this.name = 'Overtaken';
  }
}

/** The same of a whole run: it has ended, or one of its waves has begun or not ended. */
export class RunMovedOn extends Error {
  constructor(run: string, wish: string) {
    super(`the run ${run} may not ${wish} now: it has moved on; nothing was done`);
    this.name = 'RunMovedOn';
  }
}
