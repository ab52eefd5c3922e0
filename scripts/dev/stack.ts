import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../ledger/database.ts';
import { startPostgres, type LocalPostgres } from './postgres.ts';
import { startTemporal, type LocalTemporal } from './temporal.ts';

/** The servers everything local runs on: one PostgreSQL, one Temporal, and a folder for what they and the workers keep. */
export interface Stack {
  readonly folder: string;
  readonly postgres: LocalPostgres;
  readonly temporal: LocalTemporal;
  stop(): Promise<void>;
}

/** Starts PostgreSQL and Temporal side by side, each with throw-away data. */
export async function startStack(): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-'));
  const [postgres, temporal] = await Promise.all([startPostgres(), startTemporal(folder)]);
  return {
    folder,
    postgres,
    temporal,
    stop: async () => {
      await Promise.all([temporal.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Creates and migrates a ledger database; the runner's own role may read and write its tables but not change them. Returns the runner's address. */
export async function createLedger(postgres: LocalPostgres, name: string): Promise<string> {
  await postgres.createDatabase(name);
  const admin = postgres.url(name);
  await migrate(admin);
  return admin;
}

/** Writes a file into the stack's folder and returns its path. */
export async function putFile(stack: Pick<Stack, 'folder'>, name: string, text: string): Promise<string> {
  const path = join(stack.folder, name);
  await writeFile(path, text);
  return path;
}
