import type { SqlSystem } from '../../domain/plan/systems.ts';
import { accountSql } from './account-sql.ts';
import type { Run } from './database.ts';
import { accountIdentity } from './identity.ts';
import { heirsOf, relationOf, type Relation } from './relations.ts';

/** What of the plan's tables no trigger can guard, a sentence each, without the system's name. */
export async function tableFaults(run: Run, plan: SqlSystem): Promise<readonly string[]> {
  const faults = [...(await accountIdentity(run, plan)).problems];
  for (const [name, { account, disposition }] of Object.entries(plan.tables)) {
    if (account === undefined && disposition !== 'move') continue;
    const relation = await relationOf(run, plan, name);
    if (relation === undefined) continue;
    if (account !== undefined) {
      const found = await accountSql(run, plan, name, account);
      if ('problems' in found) faults.push(...found.problems);
    }
    for (const each of [relation, ...(await heirsOf(run, plan, relation))]) faults.push(...kindFaults(each));
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
