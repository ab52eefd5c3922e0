import type { Client } from '@temporalio/client';

/** What says the opposite of each other, or replaces it: of two that are under way to one workflow, the server may deliver either first. */
const replacing: ReadonlySet<string> = new Set(['held', 'resumed', 'progress']);

/** Signals that a workflow of this run sent before one to the same workflow, which replaces it, had arrived: one line for each, read from the server. */
export async function sentTooEarly(client: Client, run: string): Promise<readonly string[]> {
  const early: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    if (workflowId !== run && !workflowId.startsWith(`${run}/`)) continue;
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const underWay = new Map<string, string>();
    for (const event of events ?? []) {
      const sent = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
      const over = event.externalWorkflowExecutionSignaledEventAttributes ?? event.signalExternalWorkflowExecutionFailedEventAttributes;
      if (over) underWay.delete(String(over.initiatedEventId));
      if (!sent || !replacing.has(sent.signalName ?? '')) continue;
      const to = `to ${String(sent.workflowExecution?.workflowId)}`;
      if ([...underWay.values()].includes(to))
        early.push(`${workflowId}, event ${String(event.eventId)}: ${String(sent.signalName)} ${to}`);
      underWay.set(String(event.eventId), to);
    }
  }
  return early;
}
