import { WorkflowNotFoundError } from '@temporalio/client';
import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { measureAgain, type MessageOutcome, type PersonSignal } from '../contracts/messages.ts';
import { CliError } from './cli-error.ts';
import { commandLine } from './command-line.ts';
import { callMs, grpc, grpcCode, type Temporal } from './connect.ts';

/** A decision message on its way: the signal that carries it, and its JSON text. */
export interface Message {
  readonly run: string;
  readonly signal: PersonSignal;
  readonly requestId: string;
  readonly body: string;
}

/** Pause between two looks at the outcome (ms). */
const lookEveryMs = 250;

/**
 * Signals the run by Temporal's own service call, so that the server knows the message by our request id and takes a repeat of it once. The
 * signal is durable when this returns, whether or not a worker runs.
 */
export async function send({ client, namespace }: Temporal, { run, signal, requestId, body }: Message): Promise<void> {
  const payloads = await encodeToPayloads(client.options.loadedDataConverter, body);
  try {
    await client.withDeadline(Date.now() + callMs, () =>
      client.workflowService.signalWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: run },
        signalName: signal,
        input: { payloads: payloads ?? [] },
        identity: client.options.identity,
        requestId,
      }),
    );
  } catch (error) {
    if (grpcCode(error) !== grpc.notFound) throw error;
    throw noOpenRun(run, error);
  }
}

/** Asks a run to measure the gate that waits again. The signal is durable when this returns; it decides nothing and carries nothing. */
export async function askToMeasure({ client }: Temporal, run: string): Promise<void> {
  try {
    await client.withDeadline(Date.now() + callMs, () => client.workflow.getHandle(run).signal(measureAgain));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw noOpenRun(run, error);
  }
}

function noOpenRun(run: string, cause: unknown): CliError {
  return new CliError(
    `Temporal has no open run ${run}: it has ended, or was never started there.`,
    `See what became of it: ${commandLine('status', run)}`,
    { cause },
  );
}

/** What became of a message, as far as the run told, and the last failure of a question for it. */
export interface Told {
  readonly outcome: MessageOutcome;
  readonly failure: unknown;
}

/**
 * Waits for what became of a message, `waitMs` at most; `unknown` or `pending` where the run told of no judgement by then. Never rejects: the message is with
 * Temporal, and that a question for it failed says nothing about it.
 */
export async function awaitOutcome({ client }: Temporal, { run, requestId }: Message, waitMs: number): Promise<Told> {
  const handle = client.workflow.getHandle(run);
  const until = performance.now() + waitMs;
  let told: Told = { outcome: { state: 'unknown' }, failure: null };
  do {
    try {
      const outcome = await client.withDeadline(Date.now() + Math.max(1, Math.min(callMs, until - performance.now())), () =>
        handle.query<MessageOutcome, [string]>('outcome', requestId),
      );
      told = { outcome, failure: null };
    } catch (error) {
      told = { ...told, failure: error };
      if (isLasting(error)) return told;
    }
    if (told.outcome.state !== 'unknown' && told.outcome.state !== 'pending') return told;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  } while (performance.now() < until);
  return told;
}

/** A run that is gone, or that this person may not ask, will not tell later either. */
function isLasting(error: unknown): boolean {
  const code = grpcCode(error);
  return error instanceof WorkflowNotFoundError || (code !== null && lasting.includes(code));
}

const lasting: readonly number[] = [grpc.notFound, grpc.permissionDenied, grpc.unauthenticated];
