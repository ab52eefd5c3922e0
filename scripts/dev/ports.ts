import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A TCP port that is free on loopback now. */
export function freePort(): Promise<number> {
  return portIfFree(0);
}

/** Ports that programs of this kind are given by hand: below those that systems hand out by themselves. */
const [lowFrom, lowTo] = [15_000, 32_000];

/** A TCP port below 32,768 that is free on loopback now, for a server that keeps its port as a number of two bytes. */
export async function freeLowPort(): Promise<number> {
  for (;;) {
    const free = await portIfFree(randomInt(lowFrom, lowTo)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
      throw error;
    });
    if (free !== null) return free;
  }
}

/** This port, or any where it is 0; rejects where it is taken. */
async function portIfFree(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  if (address === null || typeof address === 'string') throw new Error('no TCP port could be had on 127.0.0.1');
  return address.port;
}

/** So often a server may find its port taken. */
const tries = 3;

/**
 * Starts a server on ports that are free, with others where somebody took one between the look and the start: `start` asks for its ports anew each time.
 * Rejects with what it says otherwise.
 */
export async function onFreePorts<Server>(start: () => Promise<Server>): Promise<Server> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await start();
    } catch (error) {
      if (tried === tries || !(error instanceof Error) || !/address already in use/i.test(error.message)) throw error;
    }
  }
}
