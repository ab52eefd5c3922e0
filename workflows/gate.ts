import type { GateCall, GateTiming } from '../contracts/activities.ts';
import type { WaitingGate } from '../contracts/messages.ts';
import type { GateEnded } from '../domain/gates/opening.ts';
import { longRun, quickly } from './activity-proxies.ts';
import { condition } from './timers.ts';

/** What a gate needs of the workflow that waits at it. */
export interface GateKeeper {
  /** Where news of a decision recorded since the last look is laid, and that somebody asked to measure again. */
  readonly desk: { news: boolean; again: boolean };
  /** Hears which attempt waits, before its first look. */
  at?(attempt: number): void;
  /** True once the decision no longer matters; the gate is then left. */
  isMoot?(): boolean;
  /** Called before each wait; throws where the workflow is to be left here, with the gate open. */
  rest?(): void;
  /** Shows people which gate waits, or that none does. */
  show(waiting: WaitingGate | null): Promise<void>;
}

/** How a gate was left; `exhausted`: its evidence changed too often; behind a switch gate `remeasure` and `leaseLapsed` lead back to the freeze. */
export type GateEnd = Exclude<GateEnded, 'superseded'>;

/**
 * Waits at a gate until its quorum says go, somebody says no-go, or its deadline passes. Evidence that got worse opens a new numbered attempt.
 * A gate always holds a named timer, so that the Timeline shows who is waited for. Never go at a deadline.
 */
export async function waitAtGate(call: GateCall, timing: GateTiming, keeper: GateKeeper): Promise<GateEnd> {
  let opened = 0;
  let waiting = (await quickly.openAttempt(call)) ?? (await open());
  keeper.at?.(waiting.attempt);
  const isMoot = (): boolean => keeper.isMoot?.() ?? false;
  for (;;) {
    if (isMoot()) {
      await quickly.leaveGate(call, waiting.attempt);
      return leave('moot');
    }
    // Cleared before the look: a decision that comes while it is under way asks for another one.
    const { again } = keeper.desk;
    Object.assign(keeper.desk, { news: false, again: false });
    const state = await longRun(again ? `gate ${call.gate} measured again, as asked` : `votes at gate ${call.gate}`).judgeGate(
      call,
      waiting.attempt,
      again,
    );
    // What somebody asked to measure again counts against nobody.
    if (again) opened = Math.max(0, opened - 1);
    if (state.state === 'remeasure' && call.kind !== 'switch') {
      if (opened >= timing.maxAttempts) {
        await quickly.leaveGate(call, waiting.attempt, 'exhausted');
        return leave('exhausted');
      }
      waiting = await open();
      keeper.at?.(waiting.attempt);
      continue;
    }
    if (!('waiting' in state)) return leave(state.state);
    waiting = state.waiting;
    await keeper.show(waiting);
    keeper.rest?.();
    const settling = state.state === 'settling' ? state : null;
    const lookInMs = untilNextLook(waiting, settling?.lookInMs ?? timing.reminderMs);
    await condition(() => keeper.desk.news || keeper.desk.again || isMoot(), lookInMs, {
      summary: settling === null ? summaryOf(waiting) : settlingOf(waiting, settling.detail),
    });
  }

  async function open(): Promise<WaitingGate> {
    opened += 1;
    const gate = await longRun(`evidence of gate ${call.gate}`).openGate(call);
    await keeper.show(gate);
    return gate;
  }

  async function leave(end: GateEnd): Promise<GateEnd> {
    await keeper.show(null);
    return end;
  }
}

/** Ms until the next look or the deadline, whichever comes first. */
function untilNextLook({ deadline }: WaitingGate, nextMs: number): number {
  return deadline === null ? nextMs : Math.max(50, Math.min(nextMs, Date.parse(deadline) - Date.now()));
}

function settlingOf({ gate }: WaitingGate, detail: string): string {
  return `Gate ${gate}: everybody has decided; ${detail}`;
}

/** One line for the Timeline: which gate waits, and for whom. */
export function summaryOf({ gate, shut, missing, since }: WaitingGate): string {
  if (shut.length > 0) return `Gate ${gate}: shut by its limits since ${clock(since)}`;
  return missing.length === 0
    ? `Gate ${gate}: everybody has decided`
    : `Gate ${gate}: waiting for ${missing.join(', ')} since ${clock(since)}`;
}

function clock(iso: string): string {
  return `${iso.slice(11, 16)} UTC`;
}
