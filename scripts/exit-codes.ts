import type { RunRow } from '../ledger/runs.ts';

/** How a command about itself ended: done, a fault, or a wrong way of calling it. */
export const done = 0;
export const fault = 1;
export const usage = 2;

/** How a run stands, as `cutover status` tells it to scripts; 0 and 1 mean the same as for every command. */
export const runCodes = { done: 0, fault: 1, waiting: 3, rolledBack: 4, running: 5, held: 6 } as const;
export type Standing = keyof typeof runCodes;

/** The standing of a run that has ended; null while it is open. A run refused by preflight never began, which is a fault. */
export function standingAtEnd(state: RunRow['state']): Standing | null {
  switch (state) {
    case 'open':
      return null;
    case 'closed':
      return 'done';
    case 'refused':
      return 'fault';
    case 'rolledBack':
    case 'rolledBackWithExceptions':
      return 'rolledBack';
  }
}
