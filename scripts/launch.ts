import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { planOfRun, searchAttributes, taskQueue, type RunRef } from '../contracts/messages.ts';
import type { Env } from '../domain/plan/env.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { RunRow } from '../ledger/runs.ts';
import { CliError, wrongUse } from './cli-error.ts';
import { commandLine } from './command-line.ts';
import { described } from './described.ts';
import { callMs, grpc, grpcCode, type Temporal } from './connect.ts';
import type { ReadDocument } from './read-plan.ts';
import type { RunView } from './run-view.ts';
import { startAfter, terminateText, type StartFiles } from './unopened.ts';

/** The plan and env a run is started with. */
export interface Documents {
  readonly plan: ReadDocument<Plan>;
  readonly env: ReadDocument<Env>;
}

/** Starts the workflow, once and for all under this id; `files` are those the documents were read from. Returns Temporal's own id of the execution. */
export async function launch(temporal: Temporal, ref: RunRef, { plan, env }: Documents, files: StartFiles): Promise<string> {
  try {
    return await begin(temporal, ref, 'REJECT_DUPLICATE', { plan: plan.meaning, env: env.meaning });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyStarted(temporal.client, ref, files);
    throw error;
  }
}

/** Starts the workflow of a run again whose last one has ended; plan and env are null where this version cannot read what was stored. */
export async function relaunch(
  temporal: Temporal,
  { id, planHash, envHash }: Pick<RunRow, 'id' | 'planHash' | 'envHash'>,
  { plan, env }: Pick<RunView, 'plan' | 'env'>,
): Promise<void> {
  try {
    await begin(temporal, { run: id, planHash, envHash }, 'ALLOW_DUPLICATE', plan === null || env === null ? null : { plan, env });
  } catch (error) {
    // Somebody else was faster: the run is taken up.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function begin(
  { client }: Temporal,
  ref: RunRef,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE',
  meaning: { readonly plan: Plan; readonly env: Env } | null,
): Promise<string> {
  try {
    const handle = await client.withDeadline(Date.now() + callMs, () =>
      client.workflow.start('cutover', {
        workflowId: ref.run,
        taskQueue,
        args: [ref],
        workflowIdReusePolicy,
        workflowIdConflictPolicy: 'FAIL',
        ...(meaning === null ? {} : described(meaning.plan, meaning.env)),
        memo: { planHash: ref.planHash, envHash: ref.envHash },
        typedSearchAttributes: [
          { key: defineSearchAttributeKey(searchAttributes.plan, 'KEYWORD'), value: planOfRun(ref.run) ?? ref.run },
          { key: defineSearchAttributeKey(searchAttributes.phase, 'KEYWORD'), value: 'preflight' },
        ],
      }),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
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

/** The ledger does not know the run, or its start would have been refused before: no worker has opened it. */
async function alreadyStarted(client: Temporal['client'], { run, planHash, envHash }: RunRef, files: StartFiles): Promise<CliError> {
  const { memo, status } = await client.workflow.getHandle(run).describe();
  const isOther = memo?.['planHash'] !== planHash || memo['envHash'] !== envHash;
  const isOpen = status.name === 'RUNNING' || status.name === 'PAUSED';
  const look = `See where it stands: ${commandLine('status', run)}`;
  const end = isOpen ? `, and end the other one, which has changed nothing: ${terminateText(run)}` : '';
  return new CliError(
    isOther
      ? `Run ${run} was started before, with another plan or env (their hashes differ), and no worker has opened it yet. A run keeps what it was started with.`
      : `Run ${run} was started before; it is not started twice.`,
    isOther || !isOpen ? `${look}. To start this plan and env, give it the next number: ${startAfter(run, files)}${end}` : look,
  );
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
