import { afterAll, beforeAll } from 'vitest';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

/** A ledger of the test file's own, with a plan and an env called `plan` and `env`; open from the first test to the last. */
export function useLedger(): (() => Ledger) & { readonly url: () => string } {
  let own: OwnLedger;
  let ledger: Ledger;
  beforeAll(async () => {
    own = await ownLedger();
    ledger = openLedger(own.url);
    for (const kind of ['plan', 'env'] as const) await ledger.runs.storeDocument(kind, kind, {});
  });
  afterAll(async () => {
    await ledger.close();
    await own.drop();
  });
  return Object.assign(() => ledger, { url: () => own.url });
}
