/** The states of a wave, in the order of a run; `held` and `manual` are flags beside them. */
export const waveStates = [
  'planned',
  'loading',
  'shadow',
  'frozen',
  'switching',
  'switched',
  'undoing',
  'rolledBack',
  'rolledBackWithExceptions',
  'closed',
] as const;
export type WaveState = (typeof waveStates)[number];

/** What a lane writes for: moving records, proving on canaries, switching, live integration, taking back, taking over by hand. */
export const laneKinds = ['load', 'probe', 'switch', 'flow', 'undo', 'adopt'] as const;
export type LaneKind = (typeof laneKinds)[number];

/**
 * The one table of a wave's life: which kinds of lane may write in a state, and which states may follow it.
 * Canary leads prove the intake in every state, so `probe` may write until the wave is closed. `undo` may write after the switch and
 * after a rollback as well, because a receipt can come late; it may not write while anything is being loaded.
 * A wave is loaded and stands in shadow, its accounts open in legacy, before it can be frozen.
 * Two waves are closed without a switch: one whose accounts an earlier run had switched, still planned, and the shared one, which has no
 * accounts and takes changes in `shadow` as long as the run lives.
 */
const table: Readonly<Record<WaveState, { readonly writes: readonly LaneKind[]; readonly next: readonly WaveState[] }>> = {
  planned: { writes: ['probe'], next: ['loading', 'undoing', 'closed'] },
  loading: { writes: ['load', 'probe', 'adopt'], next: ['shadow', 'undoing'] },
  shadow: { writes: ['load', 'probe', 'adopt'], next: ['frozen', 'undoing', 'closed'] },
  frozen: { writes: ['load', 'probe', 'adopt'], next: ['switching', 'undoing'] },
  switching: { writes: ['switch', 'probe'], next: ['switched', 'undoing'] },
  switched: { writes: ['switch', 'flow', 'probe', 'adopt', 'undo'], next: ['undoing', 'closed'] },
  undoing: { writes: ['undo', 'probe'], next: ['rolledBack', 'rolledBackWithExceptions'] },
  rolledBack: { writes: ['undo', 'probe'], next: ['planned', 'undoing', 'closed'] },
  rolledBackWithExceptions: { writes: ['undo', 'probe'], next: ['planned', 'undoing', 'closed'] },
  closed: { writes: [], next: [] },
};

/** Whether a lane of this kind may write while the wave is in this state. */
export function mayWrite(state: WaveState, kind: LaneKind): boolean {
  return table[state].writes.includes(kind);
}

/** The states that may follow; none after `closed`. */
export function nextStates(state: WaveState): readonly WaveState[] {
  return table[state].next;
}

/** Whether a wave may go from one state to another. Staying where it is is not a move. A rollback moves by its raise. */
export function mayMove(from: WaveState, to: WaveState): boolean {
  return table[from].next.includes(to);
}

/** Whether a wave in this state has begun to switch, so that documents of it may be active, and is not being taken back. */
export function hasBegunToSwitch(state: WaveState): boolean {
  return state === 'switching' || state === 'switched';
}
