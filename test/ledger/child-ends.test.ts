import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../ledger/database.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { childExecutions } from '../../ledger/migrations/0018-child-executions.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

const run = 'cutover/child-ends/1';
let own: OwnLedger;
let admin = '';
beforeAll(async () => {
  own = await ownLedger();
  admin = own.adminUrl;
});
afterAll(() => own.drop());

/** The table as the release before has left it, with the end of a child in it. */
const asBefore = (workflow: string): Promise<unknown> =>
  askDatabase(admin, [
    `alter table child_end drop constraint child_end_pkey, drop column execution, add primary key (workflow)`,
    `insert into child_end (workflow, run, ended) values ('${workflow}', '${run}', '"before"')`,
  ]);

test('the end of a child that the release before wrote counts until the last execution has written its own', async () => {
  const ledger = openLedger(own.url);
  for (const kind of ['plan', 'env'] as const) await ledger.runs.storeDocument(kind, kind, {});
  await ledger.runs.open(run, 'plan', 'env');
  await asBefore('child');
  const db = openDatabase(admin, { connections: 1 });
  await childExecutions.up(db);
  await db.destroy();
  expect(await ledger.steps.childEnd('child', 'last')).toEqual({ ended: 'before' });
  await ledger.steps.endChild(run, { workflowId: 'child', runId: 'last' }, 'own');
  expect(await ledger.steps.childEnd('child', 'last')).toEqual({ ended: 'own' });
  await ledger.steps.endChild(run, { workflowId: 'other', runId: 'terminated' }, 'slept');
  expect(await ledger.steps.childEnd('other', 'last')).toBeNull();
  expect(await ledger.steps.childEnd('other')).toEqual({ ended: 'slept' });
  await ledger.close();
});
