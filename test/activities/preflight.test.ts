import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Systems } from '../../activities/deps.ts';
import { accountProblems } from '../../activities/run/preflight.ts';
import { shownNames } from '../../records/bare.ts';
import { fieldProblems } from '../../activities/run/preflight-records.ts';
import { createSql } from '../../adapters/sql/source.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import { seedLegacy } from '../../scripts/dev/northwind/legacy.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { withConnection } from '../../scripts/dev/sql.ts';
import { salesforceBench, type SalesforceBench } from '../contract/salesforce-bench.ts';
import { inActivity } from './alone.ts';
import { startLoadBench, type LoadBench } from './load-bench.ts';

let bench: LoadBench;
let crm: SalesforceBench;
let systems: Systems;
beforeAll(async () => {
  [bench, crm] = await Promise.all([startLoadBench(), salesforceBench()]);
  const account = crm.connect('runner');
  const known = await bench.deps.systems({ run: '', planHash: '', envHash: '' });
  systems = { ...known, target: (name) => (name === 'crm' ? account : bench.erp) };
});
afterAll(async () => {
  await Promise.all([bench.stop(), systems.target('crm').dispose()]);
  await crm.stop();
});

/** The plan with one object of it changed. */
const planWith = (name: string, change: (object: Plan['objects'][number]) => Plan['objects'][number]): Plan => ({
  ...bench.plan,
  objects: bench.plan.objects.map((object) => (object.name === name ? change(object) : object)),
});
const problemsOf = (plan: Plan) => inActivity(() => fieldProblems({ ...systems, plan }));

test('an object or a field that the target does not have is named at preflight, with those it has, and a whole plan names none', async () => {
  expect(await problemsOf(bench.plan)).toEqual([]);
  const contact = planWith('crmAccount', (object) => ({ ...object, target: { ...object.target, object: 'contact' } }));
  expect(await problemsOf(contact)).toEqual([
    expect.stringMatching(/^crmAccount: crm: this adapter has no object "contact"; it has .*account/),
  ]);
  for (const [name, system] of [
    ['crmAccount', 'crm: account'],
    ['customer', 'erp: party'],
  ] as const) {
    const email = planWith(name, (object) => ({ ...object, fields: { ...object.fields, email: { value: 'a@b.example' } } }));
    expect(await problemsOf(email)).toEqual([
      expect.stringMatching(new RegExp(`^${system} has no field email, which the plan names for ${name}; .* It has .*, `)),
    ]);
  }
});

test('accounts without a wave are told as the first 20 and a count, so that 200,000 take no more room than 2,000', async () => {
  const postgres = await startPostgres();
  await postgres.createDatabase('legacy');
  const { runner } = await seedLegacy(postgres.url('legacy'), { customers: [], passwords: { app: 'app', runner: 'runner' } });
  await withConnection(postgres.url('legacy'), (client) =>
    client.query(
      `insert into customers (customer_id, company_name, terms_code) select 'N' || n, 'New', 'NET30' from generate_series(100001, 102000) n`,
    ),
  );
  const legacy = sqlSystemSchema.parse(bench.plan.systems['legacy']);
  const source = createSql(legacy, { system: 'legacy', values: { url: runner }, callTimeoutMs: 10_000 });
  const problems = await inActivity(() => accountProblems({ ...systems, source }));
  await source.dispose();
  await postgres.stop();
  const first = Array.from({ length: 20 }, (_, index) => `N${String(100_001 + index)}`).join(', ');
  expect(problems).toContain(`accounts of the legacy system are in no wave: ${first} and 1980 more; put each into one`);
  const many = shownNames(Array.from({ length: 200_000 }, (_, index) => `N${String(100_001 + index)}`));
  expect(many).toBe(`${first} and 199980 more`);
});
