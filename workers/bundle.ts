import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Bundles the workflows for the worker's sandbox; about two seconds. */
async function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url)) });
}

/** The bundle of the workflows that is kept in this file, made on first use; a fresh one where no file is named. */
export async function workflowBundle(path: string | undefined): Promise<{ readonly code: string }> {
  if (path === undefined) return bundleWorkflows();
  const known = await readFile(path, 'utf8').catch(() => null);
  if (known !== null) return { code: known };
  const { code } = await bundleWorkflows();
  // Another worker may read it at any moment, and must find all of it or nothing.
  const draft = `${path}.${String(process.pid)}`;
  await writeFile(draft, code);
  await rename(draft, path);
  return { code };
}
