import type { SystemPlan } from '../../domain/plan/systems.ts';
import type { Systems } from '../deps.ts';

/** Every table with rows, and every document status that occurs, has a disposition. */
export async function dispositionProblems(sys: Systems): Promise<readonly string[]> {
  const plan: SystemPlan | undefined = sys.plan.systems[sys.plan.roles.source];
  if (plan?.adapter !== 'sql') return [`${sys.plan.roles.source} is no SQL system; only a PostgreSQL database can be the source`];
  const inventory = await sys.source.inventory();
  const problems: string[] = [];
  for (const [table, rows] of Object.entries(inventory.tables)) {
    if (!(table in plan.tables))
      problems.push(
        `table ${table} (${rows === null ? 'its rows cannot be counted: the user has no right to select from it' : `${String(rows)} rows`}) has no disposition; add it under systems.${sys.plan.roles.source}.tables as move, match, balance, runOff, archive or drop`,
      );
  }
  for (const table of Object.keys(plan.tables)) {
    if (!(table in inventory.tables))
      problems.push(`table ${table} stands in the plan but not in the legacy system; correct its name or take it out`);
  }
  for (const [table, found] of Object.entries(inventory.statuses)) {
    const known = plan.statuses[table]?.values ?? {};
    for (const [status, rows] of Object.entries(found)) {
      if (!(status in known))
        problems.push(
          `${String(rows)} documents in ${table} have status "${status}", which has no disposition; add it under systems.${sys.plan.roles.source}.statuses.${table}`,
        );
    }
  }
  return problems;
}
