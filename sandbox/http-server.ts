import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** A request as a sandbox sees it; `path` is without the query. */
export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** A text body is sent as it is, anything else as JSON. */
export interface SandboxReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type SandboxHandler = (request: SandboxRequest) => SandboxReply | Promise<SandboxReply>;

export interface SandboxServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/** Listens on loopback; port 0 takes any free one. A handler that throws is answered with 500 and written to standard error. */
export async function serve(handler: SandboxHandler, port: number): Promise<SandboxServer> {
  const server = createServer((incoming, response) => {
    void answer(handler, incoming, response);
  });
  // A fault proxy keeps its connections, and one that ended just when a call comes would be a fault nobody ordered.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port could be had on 127.0.0.1');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(handler: SandboxHandler, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await handler(await readRequest(incoming));
    const text = typeof reply.body === 'string' ? reply.body : reply.body === undefined ? '' : JSON.stringify(reply.body);
    const type = typeof reply.body === 'string' || reply.body === undefined ? 'text/html; charset=utf-8' : 'application/json';
    response.writeHead(reply.status, { 'content-type': type, 'content-length': String(Buffer.byteLength(text)), ...reply.headers });
    response.end(text);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://sandbox');
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
