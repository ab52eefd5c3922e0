import { join } from 'node:path';
import { startChildServer } from '../../dev/child-server.ts';
import { projectRoot } from '../../dev/project.ts';
import type { TargetRow } from '../oracle.ts';
import type { Sizes } from '../sizes.ts';

/** Credentials of a throw-away system on loopback. */
export const credentials = { clientId: 'bench-client', clientSecret: 'bench-client-secret' } as const;

/** Records that the oracle reads at once. */
const pageSize = 2_000;

/** The target of all contestants, in a process of its own. */
export interface Target {
  readonly url: string;
  readonly pid: number;
  /** Empties it. */
  clear(): Promise<void>;
  /** Calls of the API between two instants (ms since the epoch). */
  counted(from: number, to: number): Promise<Counted>;
  /** All its records of a type, as it holds them. */
  records(type: string): AsyncGenerator<readonly TargetRow[]>;
  stop(): Promise<void>;
}

/** Calls that the target took, those it refused because there were too many, and how many were open at once at most. */
export interface Counted {
  readonly taken: number;
  readonly refused: number;
  readonly atOnce: number;
}

/** Starts the target; every answer of its API takes `answerMs`, or as long as its trouble says, and it takes no more calls than its quota. */
export async function startTarget({ answerMs, quota, trouble }: Pick<Sizes, 'answerMs' | 'quota' | 'trouble'>): Promise<Target> {
  const child = await startChildServer(join(projectRoot, 'scripts/bench/target/main.ts'), {
    BENCH_CLIENT_ID: credentials.clientId,
    BENCH_CLIENT_SECRET: credentials.clientSecret,
    BENCH_ANSWER_MS: String(answerMs),
    BENCH_QUOTA: JSON.stringify(quota),
    BENCH_TROUBLE: JSON.stringify(trouble),
  });
  const url = child.ready['url'] ?? '';
  return {
    url,
    pid: Number(child.ready['pid']),
    clear: async () => {
      await fetch(`${url}/_bench/clear`);
    },
    counted: async (from, to) => (await (await fetch(`${url}/_bench/counted?from=${String(from)}&to=${String(to)}`)).json()) as Counted,
    records: async function* (type) {
      for (let from = 0; ; from += pageSize) {
        const page = (await (
          await fetch(`${url}/_bench/records?type=${type}&from=${String(from)}&count=${String(pageSize)}`)
        ).json()) as readonly TargetRow[];
        if (page.length === 0) return;
        yield page;
      }
    },
    stop: () => child.stop(),
  };
}
