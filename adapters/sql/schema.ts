import { escapeLiteral } from 'pg';

/** What a legacy user's program sees when it writes to a frozen account, and to one that has moved for good. */
export const frozenSqlState = 'ZC001';
export const movedSqlState = 'ZC002';

/**
 * Our schema in the legacy database. Repeating it changes nothing.
 *
 * `account` has a row for every account that was ever written or frozen, made by whoever comes first, because only a row
 * that exists can be locked. A writer locks it FOR SHARE until its transaction ends; a freeze changes it, which waits for
 * those writers, makes later ones wait for the freeze, and makes writers with an older snapshot (repeatable read,
 * serializable) fail with 40001 rather than judge by that snapshot. `gate` is the same for TRUNCATE, which has no account.
 *
 * `freeze.since` is the transaction that ordered the freeze. From its commit on, transactions that began later are
 * refused at once; those that began earlier may still finish what they started until `drained` is set, which happens
 * only after the account's row was had. So nobody's order is cut in half, and the wait cannot be prolonged by newcomers.
 */
export const tables = `
  create schema if not exists cutover;
  create table if not exists cutover.account (account text primary key, closings bigint not null default 0);
  create table if not exists cutover.gate (one boolean primary key default true check (one), closings bigint not null default 0);
  insert into cutover.gate default values on conflict do nothing;
  create table if not exists cutover.freeze (
    account text not null,
    wave text not null,
    generation bigint not null,
    lease_until timestamptz not null,
    sealed boolean not null default false,
    reason text not null,
    contact text not null,
    since xid8 not null,
    drained boolean not null default false,
    primary key (account, wave)
  );
  create table if not exists cutover.change_log (
    seq bigint generated always as identity primary key,
    txid xid8 not null,
    at timestamptz not null,
    tbl text not null,
    key text not null,
    account text,
    op text not null,
    ours boolean not null
  );
  create index if not exists change_log_txid on cutover.change_log (txid);
  create table if not exists cutover.revoked (tbl text not null, role text not null, privilege text not null, grantable boolean not null, primary key (tbl, role, privilege));
`;

const fixedPath = 'language plpgsql set search_path = pg_catalog, pg_temp';
const definer = `${fixedPath} security definer`;

/** Values a trigger is given in its definition, by position in TG_ARGV. */
const columnArgument = 'tg_argv[0]';
const lookupArgument = 'tg_argv[1]';
const keysArgument = 'tg_argv[2]';

/**
 * The functions behind the triggers, owned by the runner and run with its rights whoever writes. `runner` is the user
 * that is let through (it carries business back) and whose changes are marked as ours; it is told by session_user,
 * because current_user is the owner inside these functions.
 */
export function functions(runner: string): string {
  return [lookups, refusals, guards(runner), logs(runner), 'revoke all on all functions in schema cutover from public;'].join('\n');
}

/** `account_of`: a row's account, from its own column or through the lookup statement; `key_of`: its key columns, joined. */
const lookups = `
  create or replace function cutover.account_of(line jsonb, path text, lookup text) returns text ${fixedPath} as $$
  declare found_account text := line ->> path;
  begin
    if lookup <> '' and found_account is not null then
      execute lookup into found_account using found_account;
    end if;
    return found_account;
  end $$;
  create or replace function cutover.key_of(line jsonb, columns text) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
    select string_agg(line ->> name, '/' order by place) from unnest(string_to_array(columns, ',')) with ordinality as c (name, place)
  $$;
`;

/**
 * `refuse` raises the sentence for a hold that binds this transaction. `enter` takes the account's row and then judges:
 * in this order, since a freeze that commits between the two must be seen. A row that changes its account takes both
 * exclusively, so that a writer who found the account of a child row through its parent waits for the move, or it for him.
 */
const refusals = `
  create or replace function cutover.refuse(name text) returns void ${fixedPath} as $$
  declare hold record;
  begin
    select * into hold from cutover.freeze f
      where (name is null or f.account = name)
        and (f.sealed or (f.lease_until > clock_timestamp() and (f.drained or pg_current_xact_id() >= f.since)))
      order by f.sealed desc, f.lease_until desc limit 1;
    if not found then return; end if;
    if hold.sealed then
      raise exception using errcode = '${movedSqlState}',
        message = format('Account %s has moved to the new system for good (%s). Enter this change there. Questions: %s.', hold.account, hold.reason, hold.contact);
    end if;
    raise exception using errcode = '${frozenSqlState}',
      message = format('Account %s is closed for changes (%s), until %s UTC at the latest. Questions: %s.',
        hold.account, hold.reason, to_char(hold.lease_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), hold.contact);
  end $$;
  create or replace function cutover.enter(name text, moving boolean) returns void ${fixedPath} as $$
  begin
    loop
      if moving then
        update cutover.account set closings = closings + 1 where account = name;
      else
        perform 1 from cutover.account where account = name for share;
      end if;
      exit when found;
      insert into cutover.account (account) values (name) on conflict do nothing;
    end loop;
    perform cutover.refuse(name);
  end $$;
`;

/**
 * The row trigger takes its transaction's number before it waits for anything, so that a writer who came first is known as
 * such, and looks its accounts up again once it has their rows: they may have changed while it waited.
 */
function guards(runner: string): string {
  return `
  create or replace function cutover.guard() returns trigger ${definer} as $$
  declare
    old_line jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    new_line jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    was text; will text; seen_was text; seen_will text;
  begin
    if session_user = ${escapeLiteral(runner)} then
      if tg_op = 'DELETE' then return old; else return new; end if;
    end if;
    perform pg_current_xact_id();
    seen_was := cutover.account_of(old_line, ${columnArgument}, ${lookupArgument});
    seen_will := cutover.account_of(new_line, ${columnArgument}, ${lookupArgument});
    loop
      was := seen_was; will := seen_will;
      perform cutover.enter(name, tg_op = 'UPDATE' and was is distinct from will)
        from (select distinct name from unnest(array[was, will]) as both_sides (name) where name is not null order by name) as sides;
      seen_was := cutover.account_of(old_line, ${columnArgument}, ${lookupArgument});
      seen_will := cutover.account_of(new_line, ${columnArgument}, ${lookupArgument});
      exit when seen_was is not distinct from was and seen_will is not distinct from will;
    end loop;
    if tg_op = 'DELETE' then return old; else return new; end if;
  end $$;
  create or replace function cutover.guard_truncate() returns trigger ${definer} as $$
  begin
    if session_user <> ${escapeLiteral(runner)} then
      perform 1 from cutover.gate for share;
      perform cutover.refuse(null);
    end if;
    return null;
  end $$;`;
}

/** A row that changes its key or its account is written down under both, so that neither side misses it. */
function logs(runner: string): string {
  return `
  create or replace function cutover.log_change() returns trigger ${definer} as $$
  begin
    insert into cutover.change_log (txid, at, tbl, key, account, op, ours)
      select pg_current_xact_id(), clock_timestamp(), tg_table_name, key, account, lower(tg_op), session_user = ${escapeLiteral(runner)}
      from (
        select distinct cutover.key_of(line, ${keysArgument}) as key, cutover.account_of(line, ${columnArgument}, ${lookupArgument}) as account
        from unnest(array[case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end]) as lines (line)
        where line is not null
      ) as sides;
    return null;
  end $$;
  create or replace function cutover.log_truncate() returns trigger ${definer} as $$
  begin
    execute format('insert into cutover.change_log (txid, at, tbl, key, account, op, ours)
      select pg_current_xact_id(), clock_timestamp(), %1$L, cutover.key_of(to_jsonb(t), $3), cutover.account_of(to_jsonb(t), $1, $2), ''delete'', $4
      from %2$I.%1$I t', tg_table_name, tg_table_schema)
      using ${columnArgument}, ${lookupArgument}, ${keysArgument}, session_user = ${escapeLiteral(runner)};
    return null;
  end $$;`;
}
