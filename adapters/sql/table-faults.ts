import { accountPaths } from './account-sql.ts';
import type { Catalog } from './catalog.ts';
import type { Run } from './database.ts';
import { accountIdentity } from './identity.ts';
import type { Relation } from './relations.ts';

/** What of the plan's tables no trigger can guard, a sentence each, without the system's name. */
export async function tableFaults(run: Run, catalog: Catalog): Promise<readonly string[]> {
  const faults = [...accountIdentity(catalog).problems];
  const paths = await accountPaths(run, catalog);
  for (const [name, { account, disposition }] of Object.entries(catalog.plan.tables)) {
    if (account === undefined && disposition !== 'move') continue;
    const relation = catalog.relation(name);
    if (relation === undefined) continue;
    const path = paths.get(name);
    if (path !== undefined && 'problems' in path) faults.push(...path.problems);
    for (const each of [relation, ...catalog.heirs(relation)]) faults.push(...kindFaults(each));
  }
  return [...new Set(faults)];
}

const unguardable: Readonly<Record<string, string>> = {
  f: 'a foreign table, whose rows are written on another server; name the table there, in a system of its own',
  v: 'a view; name the tables below it',
  m: 'a materialized view; name the tables below it',
};

function kindFaults({ name, kind }: Relation): readonly string[] {
  const sentence = unguardable[kind];
  return sentence === undefined ? [] : [`Table ${name} cannot be guarded, because it is ${sentence}`];
}
