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
