import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../ledger/database.ts';
import { asUser, askDatabase } from './sql.ts';
import { createCopy } from './template.ts';
import { startPostgres, type LocalPostgres } from './postgres.ts';
import { startTemporal, startTemporalOnPostgres, type LocalTemporal } from './temporal.ts';
import type { DynamicConfig } from './temporal/server.ts';

/** The servers everything local runs on: one PostgreSQL, one Temporal, and a folder for what they and the workers keep. */
export interface Stack {
  readonly folder: string;
  readonly postgres: LocalPostgres;
  readonly temporal: LocalTemporal;
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly keepsData?: boolean;
  readonly settings?: readonly string[];
  readonly temporal?: DynamicConfig;
  readonly production?: boolean;
}

/**
 * Starts PostgreSQL and Temporal side by side, each with throw-away data. Where one does not start, the other is stopped again. `keepsData` false
 * saves Temporal's file, and its data is lost with the process. `settings` are PostgreSQL's, as `name=value`, `temporal` is of
 * Temporal's dynamic configuration. With `production` Temporal is the server that runs there, with its store in this PostgreSQL, and neither counts.
 */
export async function startStack({
  keepsData = true,
  settings = [],
  temporal: config = {},
  production = false,
}: StackOptions = {}): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-'));
  const postgresStarts = startPostgres({ settings });
  const temporalStarts = production
    ? postgresStarts.then((postgres) => startTemporalOnPostgres(postgres, folder, 'server'))
    : startTemporal(keepsData ? folder : null, config);
  const starting = [postgresStarts, temporalStarts] as const;
  const stop = async (): Promise<void> => {
    // Temporal first: its store may be in PostgreSQL.
    for (const server of (await Promise.allSettled(starting)).toReversed()) if (server.status === 'fulfilled') await server.value.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [postgres, temporal] = await Promise.all(starting);
    return { folder, postgres, temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ledgerUser = 'cutover_ledger';
const ledgerPassword = 'ledger-local';

/** Creates a migrated ledger database; the runner's own role may read and write its tables but not change them. Returns the runner's address. */
export async function createLedger(postgres: LocalPostgres, name: string): Promise<string> {
  await createCopy(postgres, name, { key: 'ledger', fill: fillLedger });
  return asUser(postgres.url(name), ledgerUser, ledgerPassword);
}

async function fillLedger(admin: string): Promise<void> {
  await askDatabase(admin, [
    `do $$ begin
       if not exists (select from pg_roles where rolname = '${ledgerUser}') then create role ${ledgerUser} login password '${ledgerPassword}'; end if;
     end $$`,
    `alter default privileges in schema public grant select, insert, update, delete on tables to ${ledgerUser}`,
  ]);
  await migrate(admin);
}

/** Writes a file into the stack's folder and returns its path. */
export async function putFile(stack: Pick<Stack, 'folder'>, name: string, text: string): Promise<string> {
  const path = join(stack.folder, name);
  await writeFile(path, text);
  return path;
}
