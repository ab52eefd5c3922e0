import type { RunStatus, WaitingGate } from '../contracts/messages.ts';
import { openStops, standingOn, stopText } from '../domain/gates/stops.ts';
import { rolesThatMay } from '../domain/plan/rights.ts';
import { instantText } from '../reports/instant.ts';
import { atGate, ifNobody, openFor, signedCommand, type Saying } from './at-gate.ts';
import { commandLine } from './command-line.ts';
import { standingAtEnd } from './exit-codes.ts';
import { goingBack } from './going-back.ts';
import type { WorkflowLook } from './look.ts';
import { liftedBy, recordedNow } from './just-recorded.ts';
import { heldRoles, roleText } from './people.ts';
import { newestEvent, type RunView } from './run-view.ts';
import { capitalized, closed, sinceText } from './sentences.ts';
import type { Trouble } from './trouble.ts';
import { unopened } from './unopened.ts';
import { gateKindOf, waitingInLedger, waitingNow } from './waiting.ts';

/** Where a run stands, in one line: what is waited for, who can act, since when, what happens if nobody does, and the next command. */
export interface Situation extends Saying {
  readonly waiting: WaitingGate | null;
}

/** Why Temporal could not be asked: a sentence, its remedy, and where it was looked for. */
export interface Away {
  readonly message: string;
  readonly remedy: string;
  readonly address: string;
}

/** What is known of a run: by the ledger (null before a worker opened it), by its workflow (null where Temporal is away), and the time (ms, UTC). */
export interface Known {
  readonly run: string;
  readonly view: RunView | null;
  readonly look: WorkflowLook | null;
  readonly away?: Away | null;
  /** What Temporal tells of its activities that fail. */
  readonly trouble?: readonly Trouble[];
  readonly nowMs: number;
}

/** Judges where a run stands. Its end goes before a fault, a fault before a way back, a way back before a hold, a hold before a gate, but one of another wave. */
export function situationOf(known: Known): Situation {
  const { view, look } = known;
  const waiting = look?.answer == null ? (view === null ? null : waitingInLedger(view)) : waitingNow(look.answer.waiting, view);
  const lifted = liftedBy(view, look?.answer?.held ?? null);
  const held = lifted === null ? (look?.answer?.held ?? view?.run.held ?? null) : null;
  const beside = held === null ? null : heldBeside(known, waiting);
  const saying =
    ended(known) ??
    faulty(known) ??
    backwards(known, held, waiting) ??
    (held === null || beside !== null ? forwards(known, lifted, waiting, beside) : holding(known, held, waiting));
  const line = `${saying.headline}${unheard(known, saying)} Next: ${saying.next}`;
  return { ...saying, headline: line, waiting };
}

/** Whether the workflow of an open run was asked, and no worker answered for it. */
export function isUnanswered({ view, look }: Pick<Known, 'view' | 'look'>): boolean {
  return (view === null || view.run.state === 'open') && look?.state === 'RUNNING' && look.answer === null;
}

const noWorker = 'No worker answers';

/** That nothing of what is said comes to pass before a worker runs; empty where one answers, or where that is said already. */
function unheard(known: Known, { headline }: Saying): string {
  if (known.view === null || !isUnanswered(known) || headline.startsWith(noWorker)) return '';
  return ` ${noWorker}: until one does, none of this happens.`;
}

/** That people have nothing to do, which is not so where a worker has to be started. */
function nobody(known: Known): string {
  return isUnanswered(known) ? '' : ' Nobody is waited for.';
}

function ended({ run, view }: Known): Saying | null {
  const standing = view === null ? null : standingAtEnd(view.run.state);
  if (view === null || standing === null) return null;
  const at = instantText(view.run.endedAt?.toISOString() ?? null);
  const left = view.exceptions.filter(({ state }) => state === 'open').length;
  if (view.run.state === 'refused') {
    const problems = Object.values(newestEvent(view.events, 'preflightProblems')?.detail ?? {}).map(String);
    return {
      standing,
      headline: `Refused by preflight at ${at}, and nothing was changed: ${problems.join('; ') || 'the report says why'}. Mend it, then start the plan again: it gets the next attempt.`,
      next: commandLine('report', run),
    };
  }
  const writers = newestEvent(view.events, 'sealsStay')?.detail['writers'];
  const sealed =
    typeof writers === 'string'
      ? ` The moved accounts stay sealed in legacy, because these users can still write there: ${closed(writers)}`
      : '';
  const words =
    standing === 'done'
      ? `Closed at ${at}; nobody is waited for.${sealed}`
      : `Rolled back at ${at}; ${left === 0 ? 'nothing remained' : `${String(left)} exceptions wait for a person`}.`;
  return { standing, headline: words, next: commandLine('report', run) };
}

/** A workflow that ended without ending the run, or that is not there at all, is a fault; so is a Temporal that cannot be asked. A run that the ledger does not know is told by Temporal alone. */
function faulty({ run, view, look, away = null, trouble = [] }: Known): Saying | null {
  if (look === null) return unreachable(view, away);
  if (view === null) return unopened(run, look, trouble);
  if (look.state === 'RUNNING' || look.state === 'PAUSED' || look.state === 'CONTINUED_AS_NEW') return null;
  if (look.state === 'COMPLETED') return null;
  const next = commandLine('recover', run);
  if (look.state === 'absent') {
    return {
      standing: 'fault',
      headline: `The ledger has the run open, and Temporal knows no workflow ${run}: it points to another server or namespace, which is to be corrected first, or its data was lost.`,
      next,
    };
  }
  const why = look.failure === null ? '' : ` (${look.failure})`;
  return {
    standing: 'fault',
    headline: `The workflow ended as ${look.state}${why} without ending the run; mend the cause, then take the run up again: it goes on from the ledger.`,
    next,
  };
}

/** Workflows stand still while Temporal is away; freezes run out and gates of the ledger stay open meanwhile. */
function unreachable(view: RunView | null, away: Away | null): Saying {
  const waiting = view === null ? null : waitingInLedger(view);
  const gate =
    waiting === null ? '' : ` In the ledger gate ${waiting.gate}, attempt ${String(waiting.attempt)}, is open${openFor(waiting)}`;
  return {
    standing: 'fault',
    headline: `${away?.message ?? 'Temporal cannot be reached.'} ${away?.remedy ?? 'Start it.'} Until then the run stands still, and a freeze goes on running out; what follows is what the ledger has.${gate}`,
    next: `temporal operator cluster health --address ${away?.address ?? 'localhost:7233'}`,
  };
}

/** What is held beside the wave that the run works on, in words; null where that wave is held too, or nothing is known of it. */
function heldBeside({ view, look }: Known, waiting: WaitingGate | null): string | null {
  const wave = waiting?.wave ?? look?.answer?.wave ?? null;
  if (view === null || wave === null || view.standing.holds.length === 0) return null;
  if (standingOn(view.standing, wave).holds.length > 0) return null;
  return view.standing.holds.map(({ scope, reason }) => `Beside it, wave ${scope} is held: ${closed(reason)}`).join(' ');
}

/** What is held, by whom, since when; what stands against going on beside it; and the gate that waits meanwhile with its deadline. */
function holding({ run, view, nowMs }: Known, reason: string, waiting: WaitingGate | null): Saying {
  const env = view?.env ?? null;
  const kind = waiting === null ? null : gateKindOf(waiting.gate);
  const may = view?.plan == null ? heldRoles(env) : rolesThatMay(view.plan, 'resume', kind);
  const who = may.map((role) => roleText(env, role)).join(', ') || 'anybody with a role';
  const since = sinceText(view?.standing.holds[0]?.at ?? null, nowMs);
  const stops = (view === null ? [] : openStops(view.standing)).map((stop) => capitalized(closed(stopText(stop))));
  const deadline = waiting?.deadline == null ? [] : [`Gate ${waiting.gate} goes on waiting: ${lowered(ifNobody(waiting))}`];
  return {
    standing: 'held',
    headline: [
      `Held${since}: ${closed(reason)}`,
      ...stops,
      `One of ${who} can resume; if nobody does, nothing new is written and the guards go on.`,
      ...deadline,
    ].join(' '),
    next: signedCommand('resume', run),
  };
}

function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

/** What goes back, before everything else that goes on beside it: a gate of another wave waits meanwhile for the same people. */
function backwards(known: Known, held: string | null, waiting: WaitingGate | null): Saying | null {
  const { run, view, look, nowMs } = known;
  const back = goingBack(view, look?.answer ?? null, held !== null, nowMs);
  if (back === null) return null;
  const next = commandLine('status', run);
  if (held !== null) {
    const { headline } = holding(known, held, waiting === null || back.isMoot(waiting) ? null : waiting);
    return { standing: 'running', headline: `${back.headline}${nobody(known)} Beside it: ${lowered(headline)}`, next };
  }
  const gate = waiting === null || back.isMoot(waiting) ? null : atGate(run, view, nowMs, waiting);
  if (gate === null) return { standing: 'running', headline: `${back.headline}${nobody(known)}`, next };
  return { ...gate, headline: `${back.headline} Beside it: ${lowered(gate.headline)}` };
}

/** What was decided a moment ago, and the workflow has not heard of yet. */
function recorded(known: Known, lifted: ReturnType<typeof liftedBy>): Saying | null {
  const { run, view, look } = known;
  const what = recordedNow(view, look?.answer?.waiting ?? null, lifted);
  if (what === null) return null;
  return { standing: 'running', headline: `${what} and is being acted on.${nobody(known)}`, next: commandLine('status', run) };
}

/** The gate that waits, what was decided a moment ago, or where the run is; and what is held beside it. */
function forwards(known: Known, lifted: ReturnType<typeof liftedBy>, waiting: WaitingGate | null, beside: string | null): Saying {
  const saying = (waiting === null ? recorded(known, lifted) : atGate(known.run, known.view, known.nowMs, waiting)) ?? running(known);
  return beside === null ? saying : { ...saying, headline: `${saying.headline} ${beside}` };
}

function running(known: Known): Saying {
  const { run, view, look, nowMs } = known;
  const next = commandLine('status', run);
  const answer: RunStatus | null = look?.answer ?? null;
  const where = [
    `phase ${answer?.phase ?? view?.run.phase ?? 'unknown'}${sinceText(newestEvent(view?.events ?? [], 'phase')?.at.toISOString() ?? null, nowMs)}`,
    ...(answer?.wave == null ? [] : [`wave ${answer.wave}`]),
    ...(answer === null ? [] : [answer.step]),
  ].join(', ');
  return {
    standing: 'running',
    headline: isUnanswered(known)
      ? `${noWorker}, and the run stands still: ${where}. Start a worker on the task queue.`
      : `Running: ${where}. Nobody is waited for.`,
    next,
  };
}
