import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { ownLedger } from '../support/own-ledger.ts';
import { storeRun } from '../support/ledger-sample.ts';

export const run = 'cutover/northwind/1';

/** A ledger with one run of Northwind in it, whose gate switch-pilot is open, for commands that find no Temporal. */
export interface StoredRun {
  readonly postgres: LocalPostgres;
  readonly ledger: Ledger;
  readonly factsHash: string;
  /** What a command needs to find them. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

export async function startStoredRun(): Promise<StoredRun> {
  const own = await ownLedger();
  const { postgres, url } = own;
  const ledger = openLedger(url);
  const read = async (name: string): Promise<unknown> =>
    parse(await readFile(join(projectRoot, 'examples', 'northwind', name), 'utf8')) as unknown;
  const { factsHash } = await storeRun(ledger, run, await read('plan.yaml'), await read('rehearsal.yaml'));
  return {
    postgres,
    ledger,
    factsHash,
    environment: { CUTOVER_LEDGER_URL: url, TEMPORAL_ADDRESS: `127.0.0.1:${String(await freePort())}` },
    stop: async () => {
      await ledger.close();
      await own.drop();
    },
  };
}
