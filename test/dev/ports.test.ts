import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freeLowPort, freePort, onFreePorts } from '../../scripts/dev/ports.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Listens on a port, or rejects with what the system says. */
function listen(port: number): Promise<number> {
  const server = createServer();
  open.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(port);
    });
  });
}

test('a port below 32,768 is found free, and can be listened on', async () => {
  const port = await freeLowPort();
  expect(port).toBeLessThan(32_768);
  expect(await listen(port)).toBe(port);
});

test('a server whose port somebody took before it started gets another one; whatever else it says is thrown', async () => {
  const taken = await listen(await freePort());
  const asked = [taken, taken, await freePort()];
  expect(await onFreePorts(() => listen(asked.shift() ?? 0))).not.toBe(taken);
  await expect(onFreePorts(() => listen(taken))).rejects.toThrow('EADDRINUSE');
  await expect(onFreePorts(() => Promise.reject(new Error('no space left')))).rejects.toThrow('no space left');
});
