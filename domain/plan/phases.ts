/** The phases of a run, in order; rollback may follow any of them. */
export const phases = [
  'preflight',
  'configurationFreeze',
  'finalExport',
  'pilot',
  'parallelRun',
  'expansion',
  'hypercare',
  'close',
] as const;
export type Phase = (typeof phases)[number] | 'rollback' | 'ended';

/** Whether a run that stands in one phase enters another: the next one or the same, never one that is behind it. */
export function mayEnterPhase(from: Phase, to: Phase): boolean {
  const order: readonly Phase[] = [...phases, 'rollback', 'ended'];
  return order.indexOf(to) >= order.indexOf(from);
}
