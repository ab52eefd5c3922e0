import type { Deps } from '../../activities/deps.ts';
import type { TargetPort, TargetRecord } from '../../contracts/adapter.ts';

/** How far the target's clock is ahead (ms): when the lane is claimed, when the record is made, when the outcome is looked for. */
export interface Clock {
  readonly claimed: number;
  readonly made: number;
  readonly resolved: number;
}

/** The target with such a clock. */
export function shifted(port: TargetPort, clock: Clock): { readonly port: TargetPort; readonly point: Deps['point'] } {
  let isSent = false;
  const moved = <T extends TargetRecord>(record: T): T => ({
    ...record,
    createdAt: record.createdAt === null ? null : new Date(Date.parse(record.createdAt) + clock.made).toISOString(),
  });
  const changed: Partial<TargetPort> = {
    now: async () => {
      const { earliestMs, latestMs } = await port.now();
      const byMs = isSent ? clock.resolved : clock.claimed;
      return { earliestMs: earliestMs + byMs, latestMs: latestMs + byMs };
    },
    get: async (object, ids) => (await port.get(object, ids)).map(moved),
    findByKey: async (object, keys) => (await port.findByKey(object, keys)).map(moved),
    findByFields: async (object, criteria) => (await port.findByFields(object, criteria)).map((records) => records.map(moved)),
  };
  return {
    port: new Proxy(port, {
      get: (own, name) => {
        const value = (changed as Record<PropertyKey, unknown>)[name] ?? (own as unknown as Record<PropertyKey, unknown>)[name];
        return typeof value === 'function' ? (value as () => unknown).bind(own) : value;
      },
    }),
    point: (name) => {
      if (name === 'beforeSend') isSent = true;
    },
  };
}

const shifts = [2_000, -2_000, 600_000, -600_000];
/** 2 seconds and 10 minutes off, both ways: all the time, and changing in between. */
export const clocks: readonly Clock[] = shifts.flatMap((ms) => [
  { claimed: ms, made: ms, resolved: ms },
  { claimed: 0, made: ms, resolved: ms },
  { claimed: ms, made: ms, resolved: 0 },
]);
