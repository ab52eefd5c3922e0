import type { RunStatus, WaitingGate } from '../contracts/messages.ts';
import { stopText } from '../domain/gates/stops.ts';
import { rolesThatMay } from '../domain/plan/rights.ts';
import { durationText, instantText } from '../reports/instant.ts';
import { commandLine } from './command-line.ts';
import { standingAtEnd, type Standing } from './exit-codes.ts';
import type { WorkflowLook } from './look.ts';
import { heldRoles, roleText } from './people.ts';
import { newestEvent, type RunView } from './run-view.ts';
import { capitalized, closed } from './sentences.ts';
import { gateKindOf, gatePlanOf, waitingInLedger } from './waiting.ts';

/** Where a run stands, in one line: what is waited for, who can act, since when, what happens if nobody does, and the next command. */
export interface Situation {
  readonly standing: Standing;
  readonly headline: string;
  readonly next: string;
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
  readonly nowMs: number;
}

type Saying = Omit<Situation, 'waiting'>;

/** Judges where a run stands. Its end goes before a fault, a fault before a hold, a hold before a gate. */
export function situationOf(known: Known): Situation {
  const { view, look } = known;
  const waiting = look?.answer == null ? (view === null ? null : waitingInLedger(view)) : look.answer.waiting;
  const held = look?.answer?.held ?? view?.run.held ?? null;
  const saying =
    ended(known) ??
    faulty(known) ??
    (held === null ? null : holding(known, held, waiting)) ??
    (waiting === null ? null : atGate(known, waiting)) ??
    running(known);
  const line = `${saying.headline} Next: ${saying.next}`;
  return { ...saying, headline: line, waiting };
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
  const words =
    standing === 'done'
      ? `Closed at ${at}; nobody is waited for.`
      : `Rolled back at ${at}; ${left === 0 ? 'nothing remained' : `${String(left)} exceptions wait for a person`}.`;
  return { standing, headline: words, next: commandLine('report', run) };
}

/** A workflow that ended without ending the run, or that is not there at all, is a fault; so is a Temporal that cannot be asked. */
function faulty({ run, view, look, away = null }: Known): Saying | null {
  if (look === null) return unreachable(view, away);
  if (look.state === 'RUNNING' || look.state === 'PAUSED' || look.state === 'CONTINUED_AS_NEW') return null;
  if (look.state === 'COMPLETED' && view !== null) return null;
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
    waiting === null
      ? ''
      : ` In the ledger gate ${waiting.gate}, attempt ${String(waiting.attempt)}, is open for ${waiting.missing.join(' and ') || 'nobody'}; no decision can be sent now. ${ifNobody(waiting)}`;
  return {
    standing: 'fault',
    headline: `${away?.message ?? 'Temporal cannot be reached.'} ${away?.remedy ?? 'Start it.'} Until then the run stands still, and a freeze goes on running out; what follows is what the ledger has.${gate}`,
    next: `temporal operator cluster health --address ${away?.address ?? 'localhost:7233'}`,
  };
}

/** What is held, by whom, since when; what stands against going on beside it; and the gate that waits meanwhile with its deadline. */
function holding({ run, view, nowMs }: Known, reason: string, waiting: WaitingGate | null): Saying {
  const env = view?.env ?? null;
  const kind = waiting === null ? null : gateKindOf(waiting.gate);
  const may = view?.plan == null ? heldRoles(env) : rolesThatMay(view.plan, 'resume', kind);
  const who = may.map((role) => roleText(env, role)).join(', ') || 'anybody with a role';
  const since = sinceText(view?.standing.holds[0]?.at ?? null, nowMs);
  const stops = (view?.standing.stops ?? []).map((stop) => capitalized(closed(stopText(stop))));
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

function atGate({ run, view, nowMs }: Known, waiting: WaitingGate): Saying {
  const env = view?.env ?? null;
  const place = `gate ${waiting.gate}, attempt ${String(waiting.attempt)}`;
  const since = sinceText(waiting.since, nowMs);
  if (waiting.shut.length > 0) {
    const owners =
      ownersOf(view, waiting)
        .map((role) => roleText(env, role))
        .join(', ') || 'the owners of its metrics';
    return {
      standing: 'waiting',
      headline: `Shut by its limits: ${place}${since} (${waiting.shut.join('; ')}). ${owners} must mend the cause; it is measured again by itself. ${ifNobody(waiting)}`,
      next: commandLine('gate', run, waiting.gate),
    };
  }
  const missing = waiting.missing.map((role) => roleText(env, role)).join(' and ');
  return {
    standing: 'waiting',
    headline: `Waiting at ${place} for a decision of ${missing || 'nobody any more'}${since}. ${ifNobody(waiting)}`,
    next: `${decideCommands(run, waiting).go}, or ${decideCommands(run, waiting).noGo}`,
  };
}

/**
 * The go and the no-go of a gate, bound to what it shows. Who decides, in which role and why is left to the person: nobody becomes somebody else by
 * pasting a command.
 */
export function decideCommands(run: string, { gate, attempt, factsHash }: WaitingGate): { readonly go: string; readonly noGo: string } {
  const bound = ['--gate', gate, '--attempt', String(attempt), '--facts', factsHash];
  return { go: signedCommand('decide', run, 'go', ...bound), noGo: signedCommand('decide', run, 'no-go', '--gate', gate) };
}

/** A command that somebody has to sign: who, in which role and why are placeholders. */
export function signedCommand(...words: readonly string[]): string {
  return `${commandLine(...words)} --by <you> --role <role> --reason "<why>"`;
}

function ownersOf(view: RunView | null, { gate, attempt }: WaitingGate): readonly string[] {
  const row = view?.gates.find((candidate) => candidate.gate === gate && candidate.attempt === attempt);
  const failing = (row?.facts.limits ?? []).filter(({ verdict }) => verdict !== 'pass').map(({ metric }) => metric);
  const limits = gatePlanOf(view?.plan ?? null, gate)?.limits ?? [];
  return [
    ...new Set(limits.filter(({ metric }) => failing.includes(metric)).flatMap(({ metric }) => view?.plan?.metrics[metric]?.owner ?? [])),
  ];
}

const atDeadline: Readonly<Record<string, string>> = {
  hold: 'the run is held',
  escalate: 'it is escalated, and the run is held',
  rollback: 'the wave is rolled back',
};

/** What happens when nobody decides; never a go. */
export function ifNobody({ deadline, atDeadline: then }: WaitingGate): string {
  return deadline === null
    ? 'If nobody acts, it goes on waiting and reminding.'
    : `If nobody acts by ${instantText(deadline)}, ${atDeadline[then] ?? then}.`;
}

function running({ run, view, look, nowMs }: Known): Saying {
  const next = commandLine('status', run);
  if (view === null)
    return {
      standing: 'running',
      headline:
        'Started; no worker has picked the run up yet, and nobody else can act. If none does, nothing happens: start a worker on the task queue.',
      next,
    };
  const answer: RunStatus | null = look?.answer ?? null;
  if (answer?.rollback != null || view.run.phase === 'rollback') {
    return {
      standing: 'running',
      headline: `Rolling back${answer?.rollback == null ? '' : ` ${closed(answer.rollback)}`} Nobody is waited for.`,
      next,
    };
  }
  const where = [
    `phase ${answer?.phase ?? view.run.phase}${sinceText(newestEvent(view.events, 'phase')?.at.toISOString() ?? null, nowMs)}`,
    ...(answer?.wave == null ? [] : [`wave ${answer.wave}`]),
    ...(answer === null ? [] : [answer.step]),
  ].join(', ');
  return {
    standing: 'running',
    headline: `Running: ${where}. Nobody is waited for.`,
    next,
  };
}

function sinceText(iso: string | null, nowMs: number): string {
  if (iso === null) return '';
  const seconds = Math.max(1, Math.round((nowMs - Date.parse(iso)) / 1_000));
  return `, since ${instantText(iso)} (${durationText(seconds * 1_000)})`;
}
