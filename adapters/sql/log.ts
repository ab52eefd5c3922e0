import { escapeLiteral } from 'pg';
import type { AccountSql } from './account-sql.ts';
import { columnOf } from './identity.ts';

/** What the change log of one table writes down. */
export interface Logged {
  /** The table as the plan calls it. */
  readonly table: string;
  /** The columns of the key that a change is told by, in their order. */
  readonly key: readonly string[];
  readonly account: AccountSql | null;
  readonly runner: string;
}

const insert = 'insert into cutover.change_log (txid, at, tbl, key, account, op, ours)';

/**
 * A row that changes its key or its account is written down under both, so that neither side misses it. Whatever fails here fails here alone:
 * a change whose key cannot be read is written down without one, and the write itself goes on.
 */
export function logBody(logged: Logged): string {
  const side = (alias: string): string => `
    begin
      cutover_keys := cutover_keys || coalesce(${keySql(logged, alias)}, '');
      cutover_accounts := cutover_accounts || ${accountOf(logged, alias)};
    exception when others then
      if cardinality(cutover_keys) = cardinality(cutover_accounts) then cutover_keys := cutover_keys || ''::text; end if;
      cutover_accounts := cutover_accounts || null::text;
    end;`;
  return `
#variable_conflict use_column
declare cutover_keys text[] := '{}'; cutover_accounts text[] := '{}'; cutover_at timestamptz := clock_timestamp();
begin
  if tg_op <> 'INSERT' then ${side('old')} end if;
  if tg_op <> 'DELETE' then ${side('new')} end if;
  begin
    ${insert}
      select distinct pg_current_xact_id(), cutover_at, ${escapeLiteral(logged.table)}, key, account, lower(tg_op), session_user = ${escapeLiteral(logged.runner)}
      from unnest(cutover_keys, cutover_accounts) as sides (key, account);
  exception when others then
    null;
  end;
  return null;
end`;
}

/** Every row that a TRUNCATE is about to remove; a table of the tables below it has a trigger of its own. */
export function logTruncateBody(logged: Logged): string {
  const values = `${escapeLiteral(logged.table)}, coalesce(${keySql(logged, 'cutover_row')}, ''), ${accountOf(logged, 'cutover_row')}, 'delete'`;
  const statement = `${insert} select pg_current_xact_id(), clock_timestamp(), ${values}, session_user = ${escapeLiteral(logged.runner)}`;
  return `
#variable_conflict use_column
begin
  execute ${escapeLiteral(statement)} || format(' from only %I.%I cutover_row', tg_table_schema, tg_table_name);
  return null;
exception when others then
  return null;
end`;
}

function keySql({ key }: Logged, alias: string): string {
  return `concat_ws('/', ${key.map((column) => `${columnOf(alias, column)}::text`).join(', ')})`;
}

/**
 * The first account of the row. A serializable transaction does not look it up: the parent's row it would read could make it fail with 40001.
 * The reader of the log looks it up then.
 */
function accountOf({ account }: Logged, alias: string): string {
  if (account === null) return 'null::text';
  const first = `(${account.accounts(alias)} limit 1)`;
  return account.lookup ? `case when current_setting('transaction_isolation') <> 'serializable' then ${first} end` : first;
}
