import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import type { PersonSignal } from '../contracts/messages.ts';
import { readDecision, type Decision } from '../domain/gates/decision.ts';
import { roles } from '../domain/plan/names.ts';
import type { DecisionRow } from '../ledger/decisions.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { documentHash } from '../records/canonical.ts';
import { instantText } from '../reports/instant.ts';
import { CliError, wrongUse } from './cli-error.ts';
import { commandLine, partsOfRun } from './command-line.ts';
import { grpc, grpcCode, withTemporal } from './connect.ts';
import { done, fault } from './exit-codes.ts';
import { duration } from './option-values.ts';
import type { CommandResult } from './output.ts';
import { jsonFlag, type JsonOption } from './runner.ts';
import { awaitOutcome, send, type Message, type Told } from './send.ts';
import { closed } from './sentences.ts';

/** What every decision command is told. */
export interface DecisionOptions extends JsonOption {
  readonly by: string;
  readonly role: string;
  readonly reason: string;
  readonly requestId?: string;
  /** How long to wait for the verdict (ms). */
  readonly wait?: number;
}

/** What one verb adds to that. */
export interface DecisionParts {
  readonly verb: Decision['verb'];
  readonly gate?: string;
  readonly attempt?: number;
  readonly factsHash?: string;
  readonly scope?: string;
  readonly holds?: readonly number[];
}

const defaultWaitMs = 30_000;

/** Adds the options every decision command has. */
export function withDecisionOptions(command: Command): Command {
  return command
    .requiredOption('--by <person>', 'who decides, by the id of the env file')
    .addOption(new Option('--role <role>', 'in which role').choices(roles).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why, in at most 500 characters')
    .option('--request-id <id>', 'id of this message; sent again with the same id it counts once (default: a new one)')
    .option('--wait <duration>', 'how long to wait for the verdict, for example 30s', duration)
    .option(...jsonFlag);
}

/** Sends one decision and waits for its verdict. Exit code 0 when it was accepted, 1 when it was refused or nobody judged it, 2 when it makes no sense. */
export async function sendDecision(
  ledger: Ledger,
  run: string,
  signal: PersonSignal,
  parts: DecisionParts,
  options: DecisionOptions,
): Promise<CommandResult> {
  partsOfRun(run);
  const { by, role, reason, requestId = randomUUID(), wait = defaultWaitMs } = options;
  const read = readDecision({ requestId, run, ...parts, by, role, reason });
  if (!read.ok) throw wrongUse(read.refusal, 'Correct the command; nothing was sent.');
  const message: Message = { run, signal, requestId, body: JSON.stringify(read.decision) };
  return withTemporal(async (temporal) => {
    await send(temporal, message);
    const told = await awaitOutcome(temporal, message, wait);
    return receipt(message, parts, options, await settled(ledger, message, told));
  });
}

/** What the ledger stored under the request id decides: it knows the first message of that id, and whether it was this one. */
async function settled(
  ledger: Ledger,
  { run, requestId, signal, body }: Message,
  { outcome, failure }: Told,
): Promise<{ readonly outcome: 'accepted' | 'refused'; readonly detail: string; readonly stored: DecisionRow | null }> {
  const stored = await ledger.decisions.find(requestId);
  if (stored !== null) {
    if (stored.messageHash === documentHash(`${signal} ${body}`)) return { outcome: stored.outcome, detail: stored.detail, stored };
    return {
      outcome: 'refused',
      detail: 'This request id was used for another message; leave --request-id out to send a new one.',
      stored: null,
    };
  }
  if (outcome.state === 'busy')
    throw new CliError(
      'The run has more messages than it takes at once, and this one was turned away.',
      'Send it again in a moment, without --request-id.',
    );
  if (outcome.state === 'accepted' || outcome.state === 'refused') return { outcome: outcome.state, detail: outcome.detail, stored: null };
  throw new CliError(
    `Message ${requestId} was sent and is kept, but nobody has judged it yet${unusual(failure)}.`,
    `Start a worker if none runs, then call the same command with --request-id ${requestId}: it counts once. What keeps the run from it: ${commandLine('status', run)}`,
    { cause: failure },
  );
}

/** What Temporal said to the last question, where it is more than that no worker answered in time. */
function unusual(failure: unknown): string {
  const code = grpcCode(failure);
  if (!(failure instanceof Error) || code === grpc.deadlineExceeded || code === grpc.failedPrecondition) return '';
  return ` (Temporal: ${failure.cause instanceof Error ? failure.cause.message : failure.message})`;
}

function receipt(
  { run, requestId, signal }: Message,
  { verb, gate, attempt, scope }: DecisionParts,
  { by, role }: DecisionOptions,
  { outcome, detail, stored }: Awaited<ReturnType<typeof settled>>,
): CommandResult {
  const on = gate ?? stored?.gate ?? scope ?? null;
  const at = stored === null ? '' : ` at ${instantText(stored.at.toISOString())}`;
  const next = commandLine('status', run);
  const isAccepted = outcome === 'accepted';
  const what = `${verb} by ${by} (${role})${on === null ? '' : ` on ${on}`}${gate === undefined ? '' : `, attempt ${String(attempt ?? stored?.attempt ?? 0)}`}`;
  const lines = [
    `${isAccepted ? 'Accepted' : 'Refused'}${at}: ${what}.${isAccepted ? '' : ` ${closed(detail)}`}`,
    ...(isAccepted ? [] : [stored === null ? 'Nothing was changed.' : 'Nothing was changed; the refusal is recorded.']),
    `Request ${requestId}. Next: ${next}`,
  ];
  return {
    lines,
    json: {
      run,
      signal,
      verb,
      requestId,
      outcome,
      detail,
      gate: gate ?? stored?.gate ?? null,
      attempt: attempt ?? stored?.attempt ?? null,
      scope: scope ?? null,
      next,
    },
    exitCode: isAccepted ? done : fault,
  };
}
