import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { askDatabase } from '../../dev/sql.ts';
import type { Stack } from '../../dev/stack.ts';
import { projectRoot } from '../../dev/project.ts';

/** What the figures were measured on and with. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly commit: string;
  /** Files differ from that commit. */
  readonly changed: boolean;
}

/** Describes the machine, the servers on it and the commit. */
export async function machine(stack: Stack): Promise<Machine> {
  const [[postgres], temporal] = await Promise.all([
    askDatabase(stack.postgres.url('postgres'), ["select current_setting('server_version') as version"]),
    temporalVersion(stack.temporal.address),
  ]);
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: String(postgres?.[0]?.['version']),
    temporal,
    commit: (await git('rev-parse', '--short', 'HEAD')) || 'unknown',
    changed: (await git('status', '--porcelain')) !== '',
  };
}

async function temporalVersion(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    return (await connection.workflowService.getSystemInfo({})).serverVersion;
  } finally {
    await connection.close();
  }
}

/** What git says; nothing where this is no clone. */
async function git(...args: readonly string[]): Promise<string> {
  const answer = await promisify(execFile)('git', args, { cwd: projectRoot }).catch(() => null);
  return answer?.stdout.trim() ?? '';
}

/** How busy the machine was over the last minute. */
export function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}
