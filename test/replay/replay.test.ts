import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { bundleFile } from '../../scripts/dev/bundle-file.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { workflowBundle } from '../../workers/bundle.ts';

interface Recorded {
  readonly workflowId: string;
  readonly history: unknown;
}

const folder = join(projectRoot, 'test', 'histories');
const outcomes = readdirSync(folder);
const files = outcomes.flatMap((outcome) => readdirSync(join(folder, outcome)).map((file) => join(outcome, file)));
let code = '';

beforeAll(async () => {
  ({ code } = await workflowBundle(await bundleFile()));
});

function read(file: string): Recorded {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded;
}

test('histories of every outcome are kept', () => {
  expect([...outcomes].sort()).toEqual(['closed', 'deadline', 'hold', 'noGo', 'retried', 'rolledBack']);
});

test('replays every one of them to the same decisions, each under its real workflow id', async () => {
  const histories = files.map(read).map(({ workflowId, history }) => ({ workflowId, history: historyFromJSON(history) }));
  const failed: string[] = [];
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
    replayed += 1;
    if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
  }
  expect(failed).toEqual([]);
  expect(replayed).toBe(files.length);
});

test('notices a workflow that decides otherwise: under another id its children would be others', async () => {
  const { history } = read(join('closed', 'wave-pilot-1.json'));
  await expect(
    Worker.runReplayHistory({ workflowBundle: { code } }, historyFromJSON(history), 'cutover/other/1/wave/pilot/1'),
  ).rejects.toThrow();
});
