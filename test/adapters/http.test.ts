import { afterEach, describe, expect, test } from 'vitest';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { HttpCall } from '../../adapters/http.ts';
import { sendHttp } from '../../adapters/http.ts';
import type { SandboxHandler, SandboxServer } from '../../sandbox/http-server.ts';
import { serve } from '../../sandbox/http-server.ts';
import { failureOf } from '../contract/target-suite.ts';

describe('one HTTP call', () => {
  let server: SandboxServer | null = null;
  const call = async (handler: SandboxHandler, changes: Partial<HttpCall> = {}): Promise<HttpCall> => {
    server = await serve(handler, 0);
    return {
      system: 'erp',
      operation: 'write a party',
      method: 'POST',
      url: `${server.url}/x?y=1`,
      headers: {},
      body: 'hello',
      timeoutMs: 5_000,
      writes: true,
      ...changes,
    };
  };
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  test("returns any answer that is the system's own, refusals and redirects included", async () => {
    for (const status of [200, 302, 400, 401, 404, 409, 500]) {
      const reply = await sendHttp(
        await call((request) => ({ status, headers: { location: '/elsewhere', 'x-path': request.path }, body: request.body })),
      );
      expect([reply.status, reply.text, reply.headers.get('x-path')]).toEqual([status, 'hello', '/x']);
      await server?.close();
    }
  });

  test('a gateway that gives up leaves a write unknown, and a read known to have changed nothing', async () => {
    for (const status of [408, 502, 503, 504]) {
      for (const writes of [true, false]) {
        const failure = await failureOf(sendHttp(await call(() => ({ status }), { writes })));
        expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', writes]);
        expect(failure.message).toMatch(writes ? /read the system before sending it again/ : /Nothing was changed/);
        await server?.close();
      }
    }
  });

  test('waits as long as the system asks when it is called too often, in seconds or until a date', async () => {
    const answers: readonly (readonly [string | null, number | null])[] = [
      ['7', 7_000],
      [null, null],
      [new Date(Date.now() - 60_000).toUTCString(), 0],
    ];
    for (const [header, wait] of answers) {
      const failure = await failureOf(
        sendHttp(await call(() => ({ status: 429, headers: header === null ? {} : { 'retry-after': header } }))),
      );
      expect([failure.kind, failure.retryAfterMs, failure.unknownOutcome]).toEqual(['throttled', wait, false]);
      await server?.close();
    }
    const failure = await failureOf(
      sendHttp(await call(() => ({ status: 429, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } }))),
    );
    expect(failure.retryAfterMs).toBeGreaterThan(55_000);
  });

  test.each([429, 503])(
    'a wait is told with status %i too, counted by the clock of the one who asks, and never longer than an hour',
    async (status) => {
      const theirNow = Date.now() - 600_000;
      const answers: readonly (readonly [string, number | null])[] = [
        ['30', 30_000],
        [new Date(theirNow + 45_000).toUTCString(), 45_000],
        [new Date(theirNow - 5_000).toUTCString(), 0],
        ['99999999999', 3_600_000],
        ['Sun, 06 Nov 2994 08:49:37 GMT', 3_600_000],
        ['soon', null],
        ['-5', null],
        ['1.5', null],
        ['', null],
      ];
      for (const [header, wait] of answers) {
        const headers = { 'retry-after': header, date: new Date(theirNow).toUTCString() };
        const failure = await failureOf(sendHttp(await call(() => ({ status, headers }))));
        expect([header, failure.retryAfterMs]).toEqual([header, wait]);
        await server?.close();
      }
    },
  );

  test.each([
    ['a length that is not kept', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"result":'],
    ['a chunk that breaks off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"res'],
    ['headers that break off', 'HTTP/1.1 200 OK\r\ncontent-len'],
    ['no answer at all', ''],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a body that only says it is packed', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\n{"id": 1}'],
    ['an endless line of interim answers cut off', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('an answer with %s is unavailable, and leaves a write unknown', async (_what, bytes) => {
    const raw = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(bytes, () => {
          setTimeout(() => socket.destroy(), 20);
        });
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const address = raw.address();
    const url = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}/`;
    for (const writes of [true, false]) {
      const request = { system: 'erp', operation: 'ask', method: 'POST', url, headers: {}, body: 'x', timeoutMs: 5_000, writes } as const;
      const failure = await failureOf(sendHttp(request));
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', writes]);
    }
    await new Promise((resolve) => raw.close(resolve));
  });

  test.each(['gzip', 'x-gzip'])('asks for answers that are packed, and unpacks what is packed as %s', async (encoding) => {
    const plain = createHttpServer((request, response) => {
      const { 'accept-encoding': asked } = request.headers;
      response.writeHead(200, { 'content-encoding': encoding, 'set-cookie': ['a=1', 'b=2'] }).end(gzipSync(`für ${String(asked)}`));
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${String((plain.address() as AddressInfo).port)}/`;
      const { text, headers } = await sendHttp({ ...(await call(() => ({ status: 200 }))), url });
      expect([text, headers.getSetCookie()]).toEqual(['für gzip', ['a=1', 'b=2']]);
    } finally {
      plain.closeAllConnections();
      await new Promise((resolve) => plain.close(resolve));
    }
  });

  test('gives a call up after its time, as unknown when it writes', async () => {
    const slow: SandboxHandler = async () => {
      await sleep(300);
      return { status: 200 };
    };
    const failure = await failureOf(sendHttp(await call(slow, { timeoutMs: 50 })));
    expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', true]);
    expect(failure.message).toContain('no answer within 50 ms');
  });

  test('stops when it is called off: unknown while under way, nothing sent before', async () => {
    let seen = 0;
    const slow: SandboxHandler = async () => {
      seen += 1;
      await sleep(3_000);
      return { status: 200 };
    };
    const controller = new AbortController();
    const under = await call(slow, { signal: controller.signal });
    const failing = failureOf(sendHttp(under));
    while (seen === 0) await sleep(10);
    controller.abort();
    expect((await failing).unknownOutcome).toBe(true);
    expect((await failureOf(sendHttp(under))).unknownOutcome).toBe(false);
    expect(seen).toBe(1);
  });

  test('a refused connection is known to have changed nothing', async () => {
    const refused = await call(() => ({ status: 200 }));
    await server?.close();
    const failure = await failureOf(sendHttp(refused));
    expect(failure.message).toContain('ECONNREFUSED');
    expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
  });

  test('what the last check before sending throws passes through, and nothing is sent', async () => {
    let seen = 0;
    const late = new Error('the deadline has passed');
    const write = sendHttp(
      await call(
        () => {
          seen += 1;
          return { status: 200 };
        },
        {
          beforeSend: () => {
            throw late;
          },
        },
      ),
    );
    await expect(write).rejects.toBe(late);
    expect(seen).toBe(0);
  });

  test('a write that the ledger could not be asked for was not sent, and its outcome is known', async () => {
    let seen = 0;
    const meter = { start: () => Promise.reject(new Error('terminating connection due to administrator command')) };
    const write = await call(() => ({ status: 200 + 0 * (seen += 1) }), { metered: { meter, instance: 'erp' } });
    const failure = await failureOf(sendHttp(write));
    expect([failure.kind, failure.unknownOutcome, seen]).toEqual(['unavailable', false, 0]);
    expect(failure.message).toMatch(/^erp: write a party was not sent, because the ledger could not be asked for a call: terminating/);
  });

  test('keeps a connection between calls, and closes it long before a server would that says nothing of when', async () => {
    const sockets = new Set<Socket>();
    const plain = createHttpServer((request, response) => {
      sockets.add(request.socket);
      response.writeHead(200, { 'keep-alive': 'timeout=600' }).end();
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const each = { ...(await call(() => ({ status: 200 }))), url: `http://127.0.0.1:${String(port)}/` };
    try {
      for (let times = 0; times < 10; times += 1) await sendHttp(each);
      // The second call may come before the first connection is free again.
      const kept = [...sockets];
      expect(kept.length).toBeLessThanOrEqual(2);
      for (const socket of kept) if (!socket.destroyed) await once(socket, 'close');
      await sendHttp(each);
      expect(sockets.size).toBe(kept.length + 1);
    } finally {
      plain.closeAllConnections();
      await new Promise((resolve) => plain.close(resolve));
    }
  });

  test('messages hold neither address nor contents of the call', async () => {
    const failure = await failureOf(
      sendHttp(
        await call(() => ({ status: 503, body: 'Maria Anders' }), {
          body: 'Maria Anders',
          headers: { authorization: 'Bearer secret-key' },
        }),
      ),
    );
    expect(failure.message).not.toMatch(/Maria|secret|127\.0\.0\.1/);
  });
});
