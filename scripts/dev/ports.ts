import { createServer } from 'node:net';

/** A TCP port that is free on loopback now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
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
