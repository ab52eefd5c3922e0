import type { Run } from './database.ts';
import type { Trigger } from './triggers.ts';

/** One of our triggers as it stands in the database. */
export interface StandingTrigger extends Readonly<Record<string, unknown>> {
  readonly oid: string;
  readonly name: string;
  readonly func: string;
  readonly body: string;
  /** `pg_trigger.tgenabled`: O fires but for a replica's session, A always, D and R not for users. */
  readonly enabled: string;
  /** Whether it was made or switched since a transaction; one that was made together with its table was not. */
  readonly touched: boolean;
}

/** Our triggers as they stand in the database; `since` is a transaction id, null where nobody asks what happened since. */
export async function standingTriggers(run: Run, since: string | null = null): Promise<readonly StandingTrigger[]> {
  return run<StandingTrigger>(
    `select t.tgrelid::oid::text as oid, t.tgname as name, p.proname as func, p.prosrc as body, t.tgenabled as enabled,
       $1::text is not null and age(t.xmin) < age($1::text::xid8::xid) and t.xmin::text <> a.xmin::text as touched
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace
       join pg_attribute a on a.attrelid = t.tgrelid and a.attname = 'tableoid'
     where f.nspname = 'cutover' order by 1, 2`,
    [since],
  );
}

/** Finds how a planned trigger stands. */
export function standingOf(standing: readonly StandingTrigger[], { relation, name }: Trigger): StandingTrigger | undefined {
  return standing.find((other) => other.oid === relation.oid && other.name === name);
}

/** Sentences about planned triggers that are missing, switched off, touched or made for another plan; none when all are in force. */
export function triggerFaults(planned: readonly Trigger[], standing: readonly StandingTrigger[]): readonly string[] {
  return planned.flatMap((trigger) => {
    const { relation, name, func, body } = trigger;
    const label = `trigger ${name} on table ${relation.name}`;
    const found = standingOf(standing, trigger);
    if (found === undefined) return [`${label} is missing`];
    if (found.enabled !== 'O' && found.enabled !== 'A') return [`${label} is switched off`];
    if (found.func !== func || (body !== null && found.body !== body)) return [`${label} was made for other columns`];
    return found.touched ? [`${label} was made or switched off and on since the freeze`] : [];
  });
}
