import pg from 'pg';
import type { Business } from '../../scripts/dev/business.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';

/** What was asked of the ledger. */
export interface Work {
  readonly statements: number;
  readonly rowsRead: number;
}

/**
 * In tables as small as these PostgreSQL rightly reads all of one rather than to look up some. Where each row read is dear, it goes the way it goes in
 * large ones; a way that is missing shows as rows read.
 */
const asIfLarge = ['enable_seqscan = off', 'cpu_tuple_cost = 10', 'random_page_cost = 0.01', 'seq_page_cost = 0.01'] as const;

let statements = 0;
let isCounting = false;

/** Whoever listens for pauses connects again some time after its connection was ended, whatever the phase asks. */
const isOfListener = (asked: unknown): boolean => typeof asked === 'string' && /^listen |from pause where until/.test(asked);

/** Counts every statement that this process, in which the activities run, sends to a ledger; once, whoever asks for it. */
export function countStatements(): void {
  if (isCounting) return;
  isCounting = true;
  const query = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown;
  Object.defineProperty(pg.Client.prototype, 'query', {
    value(this: pg.Client, ...args: unknown[]): unknown {
      if (this.database?.startsWith('ledger_') === true && !isOfListener(args[0])) statements += 1;
      return query.apply(this, args);
    },
  });
}

/**
 * The work of one phase, on tables that were looked after as autovacuum does. Connections are ended around it: a server process tells all it has counted
 * when it ends.
 */
export async function counted(business: Business, phase: () => Promise<unknown>): Promise<Work> {
  await prepare(business);
  const before = await rowsRead(business);
  statements = 0;
  await phase();
  const asked = statements;
  return { statements: asked, rowsRead: (await rowsRead(business)) - before };
}

/** While a statement of autovacuum is under way, no row that is younger counts as seen by all, and an index alone answers for none of them. */
const autovacuumEnds = `do $$ begin
  while exists (select from pg_stat_activity where backend_type = 'autovacuum worker' and datname = current_database()) loop
    perform pg_sleep(0.02), pg_stat_clear_snapshot();
  end loop;
end $$`;

/** The tables are looked after, and whoever connects from now on finds rows dear. */
async function prepare({ ledgerUrl }: Business): Promise<void> {
  const { postgres } = await sharedStack();
  const name = databaseOf(ledgerUrl);
  const [[all] = []] = await askDatabase(postgres.url(name), [
    `select string_agg(quote_ident(tablename), ', ') as tables from pg_tables where schemaname = 'public'`,
  ]);
  await askDatabase(postgres.url(name), [
    autovacuumEnds,
    `vacuum analyze ${String(all?.['tables'])}`,
    ...asIfLarge.map((setting) => `alter database ${name} set ${setting}`),
  ]);
}

async function rowsRead({ ledgerUrl }: Business): Promise<number> {
  const { postgres } = await sharedStack();
  const name = databaseOf(ledgerUrl);
  const answers = await askDatabase(postgres.url(name), [
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
    'select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 as rows from pg_stat_user_tables',
  ]);
  return Number(answers.at(-1)?.[0]?.['rows']);
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);
