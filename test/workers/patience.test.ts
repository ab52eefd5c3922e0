import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../scripts/dev/ports.ts';
import { startTemporal } from '../../scripts/dev/temporal.ts';
import { startWorker } from '../../scripts/dev/worker-process.ts';

test('a worker that is started before Temporal says where it looks and what to do, and goes on by itself once Temporal is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-patience-'));
  const temporal = await startTemporal(folder);
  const port = await freePort();
  const there = createServer((socket) => {
    const server = connect(Number(new URL(`http://${temporal.address}`).port), '127.0.0.1');
    for (const [end, other] of [
      [socket, server],
      [server, socket],
    ] as const)
      end
        .on('error', () => other.destroy())
        .on('close', () => other.destroy())
        .pipe(other);
  });
  const told: string[] = [];
  const environment = { TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}`, CUTOVER_LEDGER_URL: 'postgresql://nobody@127.0.0.1:1/none' };
  try {
    const worker = await startWorker(environment, (line) => {
      told.push(line);
      if (!there.listening && told.length === 2) there.listen(port, '127.0.0.1');
    });
    await worker.stop();
    expect(told[0]).toContain(`Temporal at 127.0.0.1:${String(port)} cannot be reached; start it, or set TEMPORAL_ADDRESS`);
  } finally {
    there.close();
    await temporal.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
