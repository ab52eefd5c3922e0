import { phases, type Phase } from './phases.ts';

/** Whether a run that stands in `phase` has left `asked` behind it; a run that is taken back or has ended has left them all. */
export function hasPassed(phase: Phase, asked: (typeof phases)[number]): boolean {
  if (phase === 'rollback' || phase === 'ended') return true;
  return phases.indexOf(phase) > phases.indexOf(asked);
}
