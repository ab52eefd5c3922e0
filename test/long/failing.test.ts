import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Business } from '../../scripts/dev/business.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inLegacy } from '../support/arena/people.ts';
import type { Driver } from '../support/arena/driver.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

/** How soon status has to say what fails (ms). */
const saidWithinMs = 75_000;

/** Something that goes wrong outside, how it is put right, and what status says of it. */
interface Fault {
  readonly name: string;
  readonly words: RegExp;
  readonly begin: (business: Business) => Promise<unknown>;
  readonly end: (business: Business) => Promise<unknown>;
}

const parts = ({ archive }: Business): string => join(archive, 'parts');

/** Changes a database as its owner from beside it, and ends the connections to it, so that everybody comes in anew. */
async function alter(url: string, change: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await askDatabase(arena.stack().postgres.url('postgres'), [
    `alter database "${name}" ${change}`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  ]);
}

const faults: readonly Fault[] = [
  {
    name: 'the ERP answers with errors',
    words: /erp: .*50\d/,
    begin: ({ faults: { erp } }) => addFault(erp, { match: {}, action: 'serverError' }),
    end: ({ faults: { erp } }) => clearFaults(erp),
  },
  {
    name: 'the CRM answers with errors',
    words: /crm: .*50\d/,
    begin: ({ faults: { crm } }) => addFault(crm, { match: {}, action: 'serverError' }),
    end: ({ faults: { crm } }) => clearFaults(crm),
  },
  {
    name: 'a right in legacy is taken away',
    words: /permission denied for table orders/,
    begin: (business) => inLegacy(business, 'admin', 'revoke select on orders from cutover_runner'),
    end: (business) => inLegacy(business, 'admin', 'grant select on orders to cutover_runner'),
  },
  {
    name: 'legacy lets nobody in',
    words: /legacy: .*is not currently accepting connections/,
    begin: ({ legacy }) => alter(legacy.admin, 'with allow_connections false'),
    end: ({ legacy }) => alter(legacy.admin, 'with allow_connections true'),
  },
  {
    name: 'the archive takes nothing',
    words: /archive: .*(EEXIST|ENOTDIR)/,
    begin: async (business) => {
      await rename(parts(business), `${parts(business)}-away`);
      await writeFile(parts(business), 'somebody put a file here');
      await inLegacy(business, 'app', `update orders set shipped_date = order_date where order_id = 11072`);
    },
    end: async (business) => {
      await rm(parts(business));
      await rename(`${parts(business)}-away`, parts(business));
    },
  },
  {
    name: 'the ledger may only be read',
    words: /cannot execute .* in a read-only transaction/,
    begin: ({ ledgerUrl }) => alter(ledgerUrl, 'set default_transaction_read_only = on'),
    end: ({ ledgerUrl }) => alter(ledgerUrl, 'reset default_transaction_read_only'),
  },
];

/** Looks at status until its words about failures are as wanted; returns them, as they are at the end of the time at the latest. */
async function failing(driver: Driver, wanted: (lines: string) => boolean): Promise<string> {
  for (const until = Date.now() + saidWithinMs; ;) {
    const { stdout } = await driver.cli('status', driver.run);
    const lines = stdout.split('\n').filter((line) => line.startsWith('Failing: '));
    if (wanted(lines.join('\n')) || Date.now() > until) return lines.join('\n');
    // Each look is a process.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }
}

test('status says within 75 seconds in the system’s words what fails and that it is to be mended, whatever fails; once it is, the run goes on by itself', async () => {
  const driver = await arena.open('failing', { faults: true, timings: { parallelRun: '1h' } });
  await driver.start();
  await driver.pass('baseline');
  await driver.until('the parallel run', ({ wave, step }) => wave === 'pilot' && step === 'parallel run');
  for (const { name, words, begin, end } of faults) {
    await begin(driver.business);
    const said = await failing(driver, (lines) => words.test(lines));
    await end(driver.business);
    expect([name, said]).toEqual([name, expect.stringMatching(words)]);
    expect(said).toContain('It is tried again by itself; mend the cause.');
    expect([name, await failing(driver, (lines) => lines === '')]).toEqual([name, '']);
  }
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
});
