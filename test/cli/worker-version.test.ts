import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import type { Temporal } from '../../scripts/connect.ts';
import { versionText, workerVersionOf } from '../../scripts/worker-version.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';

/** `VERSIONING_BEHAVIOR_PINNED` and `VERSIONING_BEHAVIOR_AUTO_UPGRADE` of Temporal's API. */
const [pinned, upgrading] = [1, 2];

type Described = Parameters<typeof workerVersionOf>[1];

let temporal: Temporal;
let connection: Connection;
beforeAll(async () => {
  const { address } = (await sharedStack()).temporal;
  connection = await Connection.connect({ address });
  temporal = { client: new Client({ connection }), namespace: 'default' };
});
afterAll(() => connection.close());

/** A workflow as Temporal describes it that has this version. */
function described(behavior: number, deploymentName: string | null): Described {
  const deploymentVersion = deploymentName === null ? null : { deploymentName, buildId: 'older' };
  const raw: unknown = { workflowExecutionInfo: { versioningInfo: { behavior, deploymentVersion } } };
  return { raw: raw as Described['raw'] };
}

test('a workflow that has no version, or goes to any, stays with none', async () => {
  expect(await workerVersionOf(temporal, { raw: {} })).toBeNull();
  expect(await workerVersionOf(temporal, described(pinned, null))).toBeNull();
  expect(await workerVersionOf(temporal, described(upgrading, 'nowhere'))).toBeNull();
});

test('of a deployment that Temporal no longer knows the own version is told, and that none is current', async () => {
  expect(await workerVersionOf(temporal, described(pinned, 'nowhere'))).toEqual({ own: 'older', current: null });
});

test('a question that Temporal refuses is no version, but an error', async () => {
  await expect(workerVersionOf(temporal, described(pinned, ''))).rejects.toThrow(/INVALID_ARGUMENT/);
});

test('a Temporal that does not answer in time leaves the current version unknown', async () => {
  const open: Socket[] = [];
  const silent = createServer((socket) => void open.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const lost = Connection.lazy({ address: `127.0.0.1:${String(port)}` });
  try {
    const nobody = { client: new Client({ connection: lost }), namespace: 'default' };
    expect(await workerVersionOf(nobody, described(pinned, 'cutover'))).toEqual({ own: 'older', current: null });
  } finally {
    await lost.close();
    for (const socket of open) socket.destroy();
    silent.close();
  }
});

test('why such a workflow stands still is said with the version to start, and with the current one where it is another', () => {
  const start = 'Start a worker of version older; where there is none any more, docs/upgrade.md has the way on.';
  expect(versionText({ own: 'older', current: 'newer' })).toBe(`It stays with worker version older; current is newer. ${start}`);
  expect(versionText({ own: 'older', current: null })).toBe(`It stays with worker version older; current is none. ${start}`);
  expect(versionText({ own: 'older', current: 'older' })).toBe(`It stays with worker version older, which is current. ${start}`);
});
