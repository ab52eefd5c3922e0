import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule, RuleHits } from '../../sandbox/fault-proxy/rules.ts';
import type { SandboxServer } from '../../sandbox/http-server.ts';
import { serve } from '../../sandbox/http-server.ts';
import type { ChildServer } from '../../scripts/dev/child-server.ts';
import { startChildServer } from '../../scripts/dev/child-server.ts';

describe('the fault proxy', () => {
  let system: SandboxServer;
  let proxy: ChildServer;
  let applied: string[] = [];
  beforeAll(async () => {
    system = await serve((request) => {
      applied.push(`${request.method} ${request.path} ${request.body}`);
      return { status: 201, headers: { 'x-seen': request.headers['x-sent'] ?? '' }, body: { text: 'Straße '.repeat(50) } };
    }, 0);
    proxy = await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: system.url });
  });
  afterEach(async () => {
    await control('DELETE', 'rules');
    applied = [];
  });
  afterAll(async () => {
    await proxy.stop();
    await system.close();
  });

  const control = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${proxy.ready['control'] ?? ''}/_proxy/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const rule = async (order: FaultRule): Promise<void> => {
    expect((await control('POST', 'rules', order)).status).toBe(200);
  };
  const hits = async (): Promise<readonly RuleHits[]> => (await (await control('GET', 'hits')).json()) as RuleHits[];
  const call = async (path = '/orders', body = 'create'): Promise<Response> =>
    fetch(`${proxy.ready['url'] ?? ''}${path}`, { method: 'POST', body, headers: { 'x-sent': 'yes' } });

  test('passes calls and answers on unchanged when nothing is ordered', async () => {
    const reply = await call('/orders?a=1');
    expect([reply.status, reply.headers.get('x-seen')]).toEqual([201, 'yes']);
    expect(await reply.json()).toEqual({ text: 'Straße '.repeat(50) });
    expect(applied).toEqual(['POST /orders create']);
  });

  test("answers in the vendor's own words without asking the system", async () => {
    await rule({ match: {}, action: 'reject', status: 422, body: '[{"errorCode":"X"}]', headers: { 'content-type': 'application/json' } });
    const reply = await call();
    expect([reply.status, await reply.text(), reply.headers.get('content-type')]).toEqual([422, '[{"errorCode":"X"}]', 'application/json']);
    expect(applied).toEqual([]);
  });

  test('throttles with a wait, and fails as a gateway does', async () => {
    await rule({ match: {}, action: 'throttle', times: 1 });
    await rule({ match: {}, action: 'serverError' });
    const throttled = await call();
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await call()).status).toBe(503);
    expect(applied).toEqual([]);
  });

  test('loses the answer of a call that was applied, whole or half of it', async () => {
    await rule({ match: {}, action: 'loseResponse', times: 1 });
    await rule({ match: {}, action: 'partial', times: 1 });
    await expect(call()).rejects.toThrow();
    await expect(call().then((reply) => reply.text())).rejects.toThrow();
    expect(applied).toHaveLength(2);
  });

  test('resets a connection before anything is applied', async () => {
    await rule({ match: {}, action: 'reset' });
    await expect(call()).rejects.toThrow();
    expect(applied).toEqual([]);
  });

  test('makes a call slow and then passes it on', async () => {
    await rule({ match: {}, action: 'slow', delayMs: 150 });
    const startedAt = Date.now();
    expect((await call()).status).toBe(201);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(145);
  });

  test('picks only calls that match in method, path and body', async () => {
    await rule({ match: { method: 'POST', pathPrefix: '/orders', bodyIncludes: 'quote' }, action: 'reject' });
    expect([
      (await call('/orders', 'create')).status,
      (await call('/parties', 'quote')).status,
      (await call('/orders/7', 'quote')).status,
    ]).toEqual([201, 201, 400]);
  });

  test('picks an even share, the same in every run, and rests after its times', async () => {
    await rule({ match: {}, action: 'reject', share: 0.25, times: 2 });
    const statuses: number[] = [];
    for (let index = 0; index < 16; index += 1) statuses.push((await call()).status);
    expect(statuses.flatMap((status, index) => (status === 400 ? [index] : []))).toEqual([3, 7]);
    expect((await hits()).map(({ seen, hits: picked }) => [seen, picked])).toEqual([[16, 2]]);
  });

  test('picks a share by chance where a rule has a seed, the same calls for the same seed', async () => {
    const picked = async (seed: number): Promise<readonly number[]> => {
      await control('DELETE', 'rules', {});
      await rule({ match: {}, action: 'reject', share: 0.25, seed });
      const statuses: number[] = [];
      for (let index = 0; index < 40; index += 1) statuses.push((await call()).status);
      return statuses.flatMap((status, index) => (status === 400 ? [index] : []));
    };
    const first = await picked(1);
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThan(20);
    expect(await picked(1)).toEqual(first);
    expect(await picked(2)).not.toEqual(first);
  });

  test('refuses a rule it cannot follow, and says why', async () => {
    const reply = await control('POST', 'rules', { match: {}, action: 'explode' });
    expect([reply.status, await reply.text()]).toEqual([
      400,
      '"action" must be one of reject, slow, throttle, serverError, loseResponse, reset, partial',
    ]);
  });
});
