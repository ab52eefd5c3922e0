import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { projectRoot } from './project.ts';

/**
 * Keeps the histories of a finished run and all its children, as a real server recorded them, under `test/histories/<outcome>/`: replaying them
 * shows that changed workflow code still takes the decisions it took then. Each file names the workflow id it belongs to.
 */
export async function recordHistories(client: Client, run: string, outcome: string): Promise<number> {
  const folder = join(projectRoot, 'test', 'histories', outcome);
  // A scenario that became shorter leaves nothing of what it was before.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let kept = 0;
  for await (const { workflowId } of client.workflow.list()) {
    if (workflowId !== run && !workflowId.startsWith(`${run}/`)) continue;
    const history = JSON.parse(historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory())) as unknown;
    const name = workflowId === run ? 'cutover' : workflowId.slice(run.length + 1).replaceAll('/', '-');
    await writeFile(join(folder, `${name}.json`), JSON.stringify({ workflowId, history }));
    kept += 1;
  }
  return kept;
}
