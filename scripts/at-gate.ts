import type { WaitingGate } from '../contracts/messages.ts';
import { instantText } from '../reports/instant.ts';
import { commandLine } from './command-line.ts';
import type { Standing } from './exit-codes.ts';
import { roleText } from './people.ts';
import type { RunView } from './run-view.ts';
import { capitalized, sinceText } from './sentences.ts';
import { gatePlanOf } from './waiting.ts';

/** How a run stands, in a sentence, with the next command. */
export interface Saying {
  readonly standing: Standing;
  readonly headline: string;
  readonly next: string;
}

/** What is said of a gate that is open: who must decide it, or mend what shuts it, and what comes if nobody does. */
export function atGate(run: string, view: RunView | null, nowMs: number, waiting: WaitingGate): Saying {
  const env = view?.env ?? null;
  const place = `gate ${waiting.gate}, attempt ${String(waiting.attempt)}`;
  const since = sinceText(waiting.since, nowMs);
  if (waiting.shut.length > 0) {
    return {
      standing: 'waiting',
      headline: `Shut by its limits: ${place}${since} (${waiting.shut.join('; ')}). ${ownersOf(view, waiting)} must mend the cause; it is measured again by itself. ${ifNobody(waiting)}`,
      next: commandLine('gate', run, waiting.gate),
    };
  }
  if (isDecided(waiting)) {
    return {
      standing: 'running',
      headline: `Everybody has decided at ${place}. ${ifNobody(waiting)}`,
      next: commandLine('status', run),
    };
  }
  const missing = waiting.missing.map((role) => roleText(env, role)).join(' and ');
  return {
    standing: 'waiting',
    headline: `Waiting at ${place} for a decision of ${missing}${since}. ${ifNobody(waiting)}`,
    next: `${decideCommands(run, waiting).go}, or ${decideCommands(run, waiting).noGo}`,
  };
}

/** For whom a gate is open while no decision can reach it. */
export function openFor(waiting: WaitingGate): string {
  return isDecided(waiting)
    ? ', and everybody has decided.'
    : ` for ${waiting.missing.join(' and ')}; no decision can be sent now. ${ifNobody(waiting)}`;
}

/** Whether a gate has its quorum and is about to open. */
function isDecided({ missing, shut }: WaitingGate): boolean {
  return missing.length === 0 && shut.length === 0;
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

/** Who owns the metrics that shut a gate, by role and person. Each line that shuts it begins with its metric. */
function ownersOf(view: RunView | null, { gate, shut }: WaitingGate): string {
  const limits = gatePlanOf(view?.plan ?? null, gate)?.limits ?? [];
  const owners = limits
    .filter(({ metric }) => shut.some((line) => line.startsWith(`${metric} `)))
    .flatMap(({ metric }) => {
      const owner = view?.plan?.metrics[metric]?.owner;
      return owner === undefined ? [] : [`the owner of ${metric}, ${roleText(view?.env ?? null, owner)},`];
    });
  return capitalized(owners.join(' and ') || 'the owners of its metrics');
}

const atDeadline: Readonly<Record<string, string>> = {
  hold: 'the run is held',
  escalate: 'it is escalated, and the run is held',
  rollback: 'the wave is rolled back',
};

/** What happens when nobody decides, never a go; and what happens where everybody has. */
export function ifNobody(waiting: WaitingGate): string {
  const { deadline, atDeadline: then } = waiting;
  if (isDecided(waiting)) {
    const words = 'The evidence is measured once more, and the run goes on by itself if nothing got worse';
    return deadline === null ? `${words}.` : `${words}; if it has not by ${instantText(deadline)}, ${atDeadline[then] ?? then}.`;
  }
  return deadline === null
    ? 'If nobody acts, it goes on waiting and reminding.'
    : `If nobody acts by ${instantText(deadline)}, ${atDeadline[then] ?? then}.`;
}
