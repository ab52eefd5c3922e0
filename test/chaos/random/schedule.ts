import type { FaultRule } from '../../../sandbox/fault-proxy/rules.ts';
import { smallAccounts, smallWaves } from '../../support/small-plan.ts';
import { Dice } from './dice.ts';
import type { Moment } from './life.ts';

/** What somebody or something does to a run at some time, and to what. Durations in ms. */
export type Act =
  | { readonly kind: 'kill'; readonly worker: number }
  | { readonly kind: 'sleep'; readonly worker: number; readonly forMs: number }
  | { readonly kind: 'fault'; readonly system: 'erp' | 'crm'; readonly fault: FaultRule; readonly forMs: number }
  | { readonly kind: 'order'; readonly account: string; readonly order: number }
  | { readonly kind: 'phone'; readonly account: string; readonly phone: string }
  | { readonly kind: 'party'; readonly code: string }
  | { readonly kind: 'rename'; readonly account: string; readonly name: string }
  | { readonly kind: 'sale'; readonly account: string; readonly reference: string }
  | { readonly kind: 'hold' | 'holdAndResume' | 'noGo' | 'goAndNoGo' | 'twice' }
  | { readonly kind: 'rollback'; readonly wave: string }
  | { readonly kind: 'terminate'; readonly childrenToo: boolean }
  | { readonly kind: 'postgres' | 'temporal' };

export type ActKind = Act['kind'];

/** How the people of a seed mean to end the run: close it, take it back at some time, or take it back before anything is switched. */
export type Ending = 'close' | 'back' | 'backBeforeSwitch';

/** What one seed does: a pure function of the seed. */
export interface Schedule {
  readonly seed: number;
  readonly ending: Ending;
  /** When the people of `back` and `backBeforeSwitch` take the run back. */
  readonly backAt: Moment;
  readonly steps: readonly { readonly at: Moment; readonly act: Act }[];
}

/** The phases in which something may happen, by how much of a run each is. */
const early = ['preflight', 'configurationFreeze', 'finalExport', 'pilot', 'pilot', 'pilot', 'parallelRun', 'parallelRun'] as const;
const late = ['parallelRun', 'expansion', 'expansion', 'expansion', 'hypercare', 'close'] as const;

const machines: readonly ActKind[] = ['kill', 'kill', 'sleep', 'fault', 'fault', 'fault'];
const people: readonly ActKind[] = ['order', 'order', 'phone', 'party', 'hold', 'holdAndResume', 'noGo', 'goAndNoGo', 'twice', 'rollback'];
/** They leave something in the target that a rollback must keep, so that it is not as it was before. */
const edits: readonly ActKind[] = ['rename', 'sale'];
const servers: readonly ActKind[] = ['postgres', 'temporal'];

/** Draws the schedule of a seed; `restarts` adds restarts of PostgreSQL and Temporal, which need a stack that is used by nobody else. */
export function scheduleOf(seed: number, { restarts }: { readonly restarts: boolean }): Schedule {
  const dice = new Dice(seed);
  const ending = dice.pick<Ending>(['close', 'close', 'close', 'back', 'backBeforeSwitch']);
  const backAt = momentOf(dice, ending === 'back' ? late : early);
  const kinds = [...machines, ...people, ...(ending === 'backBeforeSwitch' ? [] : edits)];
  const drawn = Array.from({ length: dice.between(8, 16) }, () => dice.pick(kinds));
  // Drawn last and always, so that a seed is the same without its restart.
  const restarted = dice.chance(0.5) ? [dice.pick(servers)] : [];
  if (restarts) drawn.push(...restarted);
  const times = ending === 'backBeforeSwitch' ? early : [...early, ...late];
  const steps = drawn.map((kind, index) => ({ at: momentOf(dice, times), act: actOf(dice, kind, index) }));
  // From dice of its own, so that a seed is the same without its restart.
  const others = new Dice(seed + 2_000_000);
  const ended = others.chance(0.4) ? [{ at: momentOf(others, times), act: actOf(others, 'terminate', drawn.length) }] : [];
  return { seed, ending, backAt, steps: [...steps, ...ended] };
}

function momentOf(dice: Dice, among: readonly Moment['phase'][]): Moment {
  return { phase: dice.pick(among), afterMs: dice.between(0, 10_000) };
}

function actOf(dice: Dice, kind: ActKind, index: number): Act {
  const account = dice.pick(smallAccounts);
  switch (kind) {
    case 'kill':
      return { kind, worker: dice.between(0, 1) };
    case 'sleep':
      return { kind, worker: dice.between(0, 1), forMs: dice.between(1_000, 8_000) };
    case 'fault':
      return faultOf(dice);
    case 'order':
      return { kind, account, order: 30_000 + index };
    case 'phone':
      return { kind, account, phone: `0555-${String(index)}` };
    case 'party':
      return { kind, code: `PERSON-${String(index)}` };
    case 'rename':
      return { kind, account, name: `Renamed ${String(index)}` };
    case 'sale':
      return { kind, account, reference: `PHONE-${String(index)}` };
    case 'rollback':
      return { kind, wave: dice.pick(Object.keys(smallWaves)) };
    case 'terminate':
      return { kind, childrenToo: dice.chance(0.5) };
    case 'hold':
    case 'holdAndResume':
    case 'noGo':
    case 'goAndNoGo':
    case 'twice':
    case 'postgres':
    case 'temporal':
      return { kind };
  }
}

/** A time in which a share of the calls of one system goes wrong in one way. */
function faultOf(dice: Dice): Act {
  const system = dice.pick(['erp', 'crm'] as const);
  const action = dice.pick(['loseResponse', 'slow', 'serverError', 'throttle', 'reset', 'partial'] as const);
  const share = dice.pick([0.2, 0.5, 1]);
  const late = action === 'slow' ? { delayMs: dice.between(200, 4_000) } : {};
  return { kind: 'fault', system, fault: { match: {}, action, share, ...late }, forMs: dice.between(500, 5_000) };
}
