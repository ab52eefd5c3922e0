import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRule, RuleBook } from './rules.ts';

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a proxy stands before. */
export interface Target {
  readonly url: URL;
  /** It never closes a connection by itself, as our sandboxes do not: then connections to it are kept from call to call. */
  readonly keepsConnections: boolean;
}

/** A reverse proxy on loopback in front of `target`, with the faults of the rule book; port 0 takes any free one. */
export async function startProxy(
  { url, keepsConnections }: Target,
  rules: RuleBook,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const agent = keepsConnections ? new Agent({ keepAlive: true }) : false;
  const server = createServer((incoming, response) => {
    handle((path, body, call) => forward(new URL(path, url), agent, call, body), rules, incoming, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end('the system behind the proxy did not answer');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${String(listening)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
        if (agent !== false) agent.destroy();
      }),
  };
}

type Forward = (path: string, body: Buffer, incoming: IncomingMessage) => Promise<Forwarded>;

async function handle(send: Forward, rules: RuleBook, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readAll(incoming);
  const path = incoming.url ?? '/';
  const rule = rules.pick({ method: incoming.method ?? 'GET', path, body: body.toString('utf8') });
  if (rule?.delayMs !== undefined) await sleep(rule.delayMs);
  if (rule?.action === 'reset') {
    incoming.socket.destroy();
    return;
  }
  if (rule !== null && (rule.action === 'reject' || rule.action === 'throttle' || rule.action === 'serverError')) {
    response
      .writeHead(rule.status ?? defaultStatus(rule), { ...(rule.action === 'throttle' ? { 'retry-after': '1' } : {}), ...rule.headers })
      .end(rule.body ?? '');
    return;
  }
  const reply = await send(path, body, incoming);
  if (rule?.action === 'loseResponse') {
    incoming.socket.destroy();
    return;
  }
  response.writeHead(reply.status, reply.headers);
  if (rule?.action !== 'partial') {
    response.end(reply.body);
    return;
  }
  response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => incoming.socket.destroy());
}

function defaultStatus(rule: FaultRule): number {
  return rule.action === 'throttle' ? 429 : rule.action === 'serverError' ? 503 : 400;
}

/**
 * Sends the call on, whole, and waits for the whole reply: after that the system behind has done what it was asked. Without an agent each call has a
 * connection of its own, because a kept one that the system closes just then would look like a fault nobody ordered.
 */
function forward(to: URL, agent: Agent | false, incoming: IncomingMessage, body: Buffer): Promise<Forwarded> {
  const send = to.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { ...incoming.headers, host: to.host, connection: agent === false ? 'close' : 'keep-alive' };
  return new Promise((resolve, reject) => {
    const outgoing = send(to, { method: incoming.method, headers, agent }, (reply) => {
      readAll(reply).then((content) => {
        const kept = Object.entries(reply.headers).filter(([name]) => name !== 'connection' && name !== 'transfer-encoding');
        resolve({
          status: reply.statusCode ?? 502,
          headers: { ...Object.fromEntries(kept), 'content-length': String(content.length) },
          body: content,
        });
      }, reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
