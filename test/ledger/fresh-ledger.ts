import { afterAll, beforeAll } from '@jest/globals';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { createLedger } from '../../scripts/dev/stack.ts';

/** A ledger of the test file's own, with a plan and an env called `plan` and `env`; open from the first test to the last. */
export function useLedger(): () => Ledger {
  let postgres: LocalPostgres;
  let ledger: Ledger;
  beforeAll(async () => {
    postgres = await startPostgres();
    ledger = openLedger(await createLedger(postgres, 'ledger'));
    for (const kind of ['plan', 'env'] as const) await ledger.runs.storeDocument(kind, kind, {});
  });
  afterAll(async () => {
    await ledger.close();
    await postgres.stop();
  });
  return () => ledger;
}
