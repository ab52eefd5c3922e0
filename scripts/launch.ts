import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { searchAttributes, taskQueue, type RunRef } from '../contracts/messages.ts';
import { outlookLines, outlookOf } from '../reports/outlook.ts';
import type { Env } from '../domain/plan/env.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { CliError, wrongUse } from './cli-error.ts';
import { commandLine } from './command-line.ts';
import { callMs, grpc, grpcCode, type Temporal } from './connect.ts';
import type { ReadDocument } from './read-plan.ts';

/** The plan and env a run is started with. */
export interface Documents {
  readonly plan: ReadDocument<Plan>;
  readonly env: ReadDocument<Env>;
}

/** Bytes the server takes of a summary and of details (user metadata limits of the Temporal server: 400 and 20,000), with room for longer letters. */
const [summarySize, detailsSize] = [200, 10_000];

/** Starts the workflow, once and for all under this id; returns Temporal's own id of the execution. */
export async function launch({ client }: Temporal, ref: RunRef, { plan, env }: Documents): Promise<string> {
  const { name, pilot, waves } = plan.meaning;
  try {
    const handle = await client.withDeadline(Date.now() + callMs, () =>
      client.workflow.start('cutover', {
        workflowId: ref.run,
        taskQueue,
        args: [ref],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        staticSummary:
          `Cutover of ${name} (${env.meaning.mode}): pilot ${pilot.name}, then ${waves.map((wave) => wave.name).join(', ')}`.slice(
            0,
            summarySize,
          ),
        staticDetails: outlookLines(outlookOf(plan.meaning, env.meaning)).join('\n').slice(0, detailsSize),
        memo: { planHash: ref.planHash, envHash: ref.envHash },
        typedSearchAttributes: [
          { key: defineSearchAttributeKey(searchAttributes.plan, 'KEYWORD'), value: name },
          { key: defineSearchAttributeKey(searchAttributes.phase, 'KEYWORD'), value: 'preflight' },
        ],
      }),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyStarted(client, ref);
    if (grpcCode(error) === grpc.invalidArgument)
      throw new CliError(
        'Temporal refuses the start, most likely because the search attributes are not registered.',
        `Register each once: ${Object.values(searchAttributes)
          .map((attribute) => `temporal operator search-attribute create --name ${attribute} --type Keyword`)
          .join(' && ')}`,
        { cause: error },
      );
    throw error;
  }
}

async function alreadyStarted(client: Temporal['client'], { run, planHash, envHash }: RunRef): Promise<CliError> {
  const { memo } = await client.workflow.getHandle(run).describe();
  if (memo?.['planHash'] !== planHash || memo['envHash'] !== envHash) {
    return new CliError(
      `Run ${run} was started before, with another plan or env (their hashes differ). A run keeps what it was started with.`,
      `See where it stands: ${commandLine('status', run)}`,
    );
  }
  return new CliError(`Run ${run} was started before; it is not started twice.`, `See where it stands: ${commandLine('status', run)}`);
}

/** Address of Temporal's web pages, where CUTOVER_UI_URL names it; a text that is none is a wrong use. */
export function uiAddress(): string | null {
  const base = process.env['CUTOVER_UI_URL'];
  if (base === undefined || base === '') return null;
  if (!URL.canParse(base)) throw wrongUse('CUTOVER_UI_URL is no address.', 'Set it as http://host:8233, or leave it out.');
  return base;
}

/** Where an execution is shown in Temporal's web pages. */
export function linkTo(ui: string, namespace: string, run: string, runId: string): string {
  return new URL(`/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(run)}/${runId}`, ui).href;
}
