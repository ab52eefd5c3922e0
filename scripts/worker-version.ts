import type { WorkflowExecutionDescription } from '@temporalio/client';
import { callMs, grpc, grpcCode, type Temporal } from './connect.ts';

/** The worker version that a workflow stays with, and the current one of the same deployment; null where none is current, or none could be learned. */
export interface WorkerVersion {
  readonly own: string;
  readonly current: string | null;
}

/** `VERSIONING_BEHAVIOR_PINNED` of Temporal's API. */
const pinned = 1;

/** The worker version a described workflow stays with; null where it has none, or may go to any. */
export async function workerVersionOf(
  { client, namespace }: Temporal,
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
): Promise<WorkerVersion | null> {
  const { behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  const { deploymentName, buildId } = deploymentVersion ?? {};
  if (Number(behavior) !== pinned || deploymentName == null || buildId == null) return null;
  const described = await client
    .withDeadline(Date.now() + callMs, () => client.workflowService.describeWorkerDeployment({ namespace, deploymentName }))
    .catch((error: unknown) => {
      const code = grpcCode(error);
      if (code === grpc.notFound || code === grpc.deadlineExceeded) return null;
      throw error;
    });
  return { own: buildId, current: described?.workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? null };
}

/** Why a workflow that does not answer stands still, and what leads on. */
export function versionText({ own, current }: WorkerVersion): string {
  const present = current === own ? 'which is current' : `current is ${current ?? 'none'}`;
  return `It stays with worker version ${own}${current === own ? ', ' : '; '}${present}. Start a worker of version ${own}; where there is none any more, docs/upgrade.md has the way on.`;
}
