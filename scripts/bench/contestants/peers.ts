import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../dev/ports.ts';
import { projectRoot } from '../../dev/project.ts';
import { install } from '../peers/packages.ts';
import { play } from './by-hand.ts';
import type { Contestant } from './contestant.ts';

/** A queue or durable runner that people use for such a load: a process of its own, `scripts/bench/peers/<name>.ts`. */
export function peerNamed(name: 'dbos' | 'graphile-worker'): Contestant {
  return { name, absent: install, play: (arena, round) => play(arena, scriptOf(name), round) };
}

/** BullMQ with a Redis of its own, where the machine has one; what Redis costs is in no column. */
export const bullmq: Contestant = {
  name: 'bullmq',
  absent: () =>
    spawnSync('redis-server', ['--version']).status === 0 ? install() : Promise.resolve('there is no redis-server on the PATH'),
  play: async (arena, round) => {
    const port = String(await freePort());
    const files = ['--dir', arena.stack.folder, '--dbfilename', `${round.name}.rdb`, '--appendfilename', `${round.name}.aof`];
    const redis = spawn('redis-server', ['--bind', '127.0.0.1', '--port', port, '--appendonly', 'yes', ...files], { stdio: 'ignore' });
    const endWithUs = (): void => void redis.kill('SIGKILL');
    process.once('exit', endWithUs);
    try {
      return await play(arena, scriptOf('bullmq'), round, { BENCH_REDIS_PORT: port });
    } finally {
      process.off('exit', endWithUs);
      redis.kill('SIGKILL');
    }
  },
};

function scriptOf(name: string): string {
  return join(projectRoot, 'scripts/bench/peers', `${name}.ts`);
}
