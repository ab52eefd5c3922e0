import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Bundles the workflows for the worker's sandbox; about two seconds. */
export async function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) });
}
