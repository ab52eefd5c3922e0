import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { pipeline, Transform } from 'node:stream';

/** Something between a client and a server on this machine; `sent` gets what the client sends, and says what of it arrives. */
export async function wireTo(server: number, sent: (chunk: Buffer) => Buffer): Promise<{ readonly port: number; close(): void }> {
  const proxy = createServer((client) => {
    const upstream = connect(server, '127.0.0.1');
    const passed = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        done(null, sent(chunk));
      },
    });
    pipeline(client, passed, upstream, client, () => undefined);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return { port: (proxy.address() as AddressInfo).port, close: () => proxy.close() };
}
