import type { ObjectPlan } from './mapping.ts';
import type { Plan } from './plan.ts';
import { statusRule, type Disposition, type SqlSystem, type TableRule } from './systems.ts';

/** A query that yields rows of a table, and the object with which its records and their money count. */
export interface Yield {
  readonly object: ObjectPlan;
  readonly query: string;
}

/** Entries of a list column, of which only those with the values of `where` count. */
export interface ListRule {
  readonly list: string;
  readonly where: Readonly<Record<string, string>>;
}

/** What explains the rows of a part: the keys that queries yield, entries of a list in what they yield, a condition of the plan, or a reason alone. */
export type Explanation =
  | { readonly by: 'keys'; readonly yields: readonly Yield[] }
  | { readonly by: 'lines'; readonly yields: readonly Yield[]; readonly rule: ListRule }
  | { readonly by: 'rule'; readonly where: string }
  | { readonly by: 'reason' };

/** The rows of a table, or those in one status, that have one disposition. */
export interface TablePart {
  readonly table: string;
  /** The status, where the plan tells them apart; null for all rows. */
  readonly status: string | null;
  readonly disposition: Disposition;
  readonly reason: string | null;
  /** How its line in the equation is called. */
  readonly label: string;
  readonly explanation: Explanation;
}

/** The source of a plan; null where it is no SQL system, which the checks refuse. */
export function sourceOf({ systems, roles }: Pick<Plan, 'systems' | 'roles'>): SqlSystem | null {
  const system = systems[roles.source];
  return system?.adapter === 'sql' ? system : null;
}

/** What queries of the plan yield; the rest is left where it is. */
type ReadDisposition = Extract<Disposition, 'move' | 'match' | 'archive'>;

/** Queries that the plan uses for a disposition. Rows that move without a status may also be archived with the document they belong to. */
function yieldsFor(plan: Plan, disposition: ReadDisposition, byStatus: boolean): readonly Yield[] {
  const objects = (mode: ObjectPlan['mode']): readonly Yield[] =>
    plan.objects
      .filter((object) => object.mode === mode && object.source.system === plan.roles.source)
      .map((object) => ({ object, query: object.source.query }));
  const archived = plan.archive.flatMap(({ object: name, query }) => {
    const object = plan.objects.find((candidate) => candidate.name === name);
    return object === undefined ? [] : [{ object, query }];
  });
  if (disposition === 'archive') return archived;
  if (disposition === 'move') return byStatus ? objects('move') : [...objects('move'), ...archived];
  return objects('match');
}

/** Those of the queries that yield rows of this table: those that name it first, whose records are its rows; else those that name it at all. */
function yieldsOf(
  source: SqlSystem,
  table: string,
  yields: readonly Yield[],
): { readonly first: boolean; readonly yields: readonly Yield[] } {
  const named = yields.filter(({ query }) => source.queries[query]?.tables.includes(table) === true);
  const first = named.filter(({ query }) => source.queries[query]?.tables[0] === table);
  return first.length > 0 ? { first: true, yields: first } : { first: false, yields: named };
}

/** The list in which the rows of a table stand that is not the first of its queries: the one that the first money rule over lines counts. */
function listOf(yields: readonly Yield[]): ListRule | null {
  for (const { object } of yields)
    for (const rule of Object.values(object.money)) if ('lines' in rule) return { list: rule.lines, where: rule.where ?? {} };
  return null;
}

function explanationOf(
  plan: Plan,
  source: SqlSystem,
  table: string,
  { key, lines, rule }: TableRule,
  { status, disposition }: Pick<TablePart, 'status' | 'disposition'>,
): Explanation {
  if (disposition === 'drop') return { by: 'reason' };
  if (disposition === 'balance' || disposition === 'runOff')
    return rule === undefined || status !== null ? { by: 'reason' } : { by: 'rule', where: rule.where };
  const { first, yields } = yieldsOf(source, table, yieldsFor(plan, disposition, status !== null));
  const list = lines ?? (first || key !== undefined ? null : listOf(yields));
  return list === null ? { by: 'keys', yields } : { by: 'lines', yields, rule: list };
}

function labelOf({ status, disposition, reason }: Pick<TablePart, 'status' | 'disposition' | 'reason'>, name: string | undefined): string {
  const what = name === undefined ? disposition : `${disposition} (${name})`;
  const why = reason === null || disposition === 'match' || disposition === 'move' || disposition === 'archive' ? '' : `: ${reason}`;
  return `${status === null ? '' : `${status}, `}${what}${why}`;
}

/** Every table of the source with what becomes of its rows, a part for each status where the plan tells statuses apart. */
export function coverageOf(plan: Plan): readonly TablePart[] {
  const source = sourceOf(plan);
  if (source === null) return [];
  return Object.entries(source.tables).flatMap(([table, entry]) => {
    const { disposition, reason, rule } = entry;
    const statuses = Object.entries(source.statuses[table]?.values ?? {}).map(([status, value]) => ({ status, ...statusRule(value) }));
    const parts = statuses.length > 0 ? statuses : [{ status: null, disposition, reason: reason ?? null }];
    return parts.map((part): TablePart => ({
      ...part,
      table,
      label: labelOf(part, part.status === null ? rule?.name : undefined),
      explanation: explanationOf(plan, source, table, entry, part),
    }));
  });
}

/** Rows of a table that are explained together: those in these statuses, or (null) all. */
export interface ExplainedPart extends Pick<TablePart, 'table' | 'label' | 'explanation'> {
  readonly statuses: readonly string[] | null;
}

/** The parts of `coverageOf`; statuses that the same queries explain are one, because what these yield counts once. */
export function explainedParts(plan: Plan): readonly ExplainedPart[] {
  const together = Map.groupBy(coverageOf(plan), (part) =>
    part.status === null || !('yields' in part.explanation) ? part : `${part.table} ${part.disposition}`,
  );
  return [...together.values()].flatMap((parts) =>
    parts.slice(0, 1).map((part) => {
      const statuses = part.status === null ? null : parts.map(({ status }) => status).filter((status) => status !== null);
      const { table, explanation } = part;
      return {
        table,
        explanation,
        statuses,
        label: statuses === null ? part.label : labelOf({ ...part, status: statuses.join(', ') }, undefined),
      };
    }),
  );
}
