import type { CallKind } from '../domain/budget/grant.ts';
import { waitsOf } from '../domain/budget/standing.ts';
import { usedAt } from '../domain/budget/window.ts';
import { instantText, usageText, waitingText } from '../domain/budget/words.ts';
import { limitsOf } from '../domain/plan/limits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunView } from './run-view.ts';

/** One limit of calls as status tells it; `waits` names the kinds of calls that have to wait, with the instant. */
export interface LimitStanding {
  readonly system: string;
  readonly limit: number;
  readonly lengthMs: number;
  readonly used: number;
  readonly reserve: number;
  readonly waits: readonly { readonly kind: CallKind; readonly until: string }[];
}

/** What systems let through, and what they asked all callers to wait. */
export interface CallsStanding {
  readonly limits: readonly LimitStanding[];
  readonly pauses: readonly { readonly system: string; readonly until: string }[];
}

const words: Readonly<Record<CallKind, string>> = {
  rollback: 'a rollback',
  live: 'a switch',
  verification: 'verification',
  load: 'the load',
};

/** How the limits of a run's systems stand, as values and in lines; there is a line only where calls wait. */
export async function readCalls(
  ledger: Ledger,
  { run, plan }: Pick<RunView, 'plan'> & { readonly run: Pick<RunView['run'], 'planHash' | 'envHash'> },
): Promise<{ readonly calls: CallsStanding; readonly lines: readonly string[] }> {
  const { nowMs, windows, pauses } = await ledger.budgets.of(run.planHash, run.envHash);
  const binding = plan === null ? windows : limitsOf(plan, windows);
  const limits = binding.map((window) => ({ window, waits: waitsOf(window, nowMs) }));
  const calls: CallsStanding = {
    limits: limits.map(({ window, waits }) => ({
      system: window.system,
      limit: window.limit,
      lengthMs: window.lengthMs,
      used: usedAt(window, nowMs),
      reserve: window.reserve,
      waits: waits.map(({ kind, untilMs }) => ({ kind, until: new Date(untilMs).toISOString() })),
    })),
    pauses: pauses.map(({ system, untilMs }) => ({ system, until: new Date(untilMs).toISOString() })),
  };
  const lines = [
    ...pauses.map(({ system, untilMs }) => `${waitingText({ system, why: 'it asked all callers to wait', untilMs }, nowMs)}.`),
    ...limits
      .filter(({ waits }) => waits.length > 0)
      .map(({ window, waits }) => {
        const told = waits.map(({ kind, untilMs }) => `${words[kind]} goes on at ${instantText(untilMs, nowMs)}`);
        return `${window.system}: ${usageText(window, nowMs)}; ${told.join(', ')}.`;
      }),
  ];
  return { calls, lines };
}
