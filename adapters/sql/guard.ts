import { escapeLiteral } from 'pg';
import type { AccountSql } from './account-sql.ts';

/** What a legacy user's program sees when it writes to a frozen account, and to one that has moved for good. */
export const frozenSqlState = 'ZC001';
export const movedSqlState = 'ZC002';

/**
 * Our functions run with the rights of the runner, who owns them, whoever writes; nothing of the writer's session reaches into them, and a row
 * policy makes them fail rather than see less.
 */
export const ownRights = 'language plpgsql security definer set search_path = pg_catalog, pg_temp set row_security = off';

/** Failures of the transaction as a whole, which are its own to answer: it is told to try again, and nothing was judged. */
const again = 'when serialization_failure or deadlock_detected or lock_not_available then raise';

/**
 * What all guards share. `refuse` raises the sentence of a freeze that binds this transaction; without names, of any. A transaction that began
 * before the freeze may finish what it started while `strict` is not yet set.
 *
 * `refuse_unjudged` is for a row whose account cannot be found: while any account is closed, it might be that one.
 *
 * `known` is for a transaction with a snapshot older than the newest freeze, which cannot see it: an account that was closed since then fails with
 * 40001, like any row changed since the snapshot, and so does an account that this snapshot does not know.
 */
export const sharedGuards = `
  create or replace function cutover.refuse(names text[]) returns void ${ownRights} as $$
  declare hold record;
  begin
    select * into hold from cutover.freeze f
      where (names is null or f.account = any(names))
        and (f.sealed or (f.lease_until > clock_timestamp() and (f.strict or pg_current_xact_id() >= f.since)))
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
  create or replace function cutover.refuse_unjudged(relation text, problem text) returns void ${ownRights} as $$
  declare hold record;
  begin
    select * into hold from cutover.freeze f where f.sealed or f.lease_until > clock_timestamp() order by f.lease_until desc limit 1;
    if not found then return; end if;
    raise exception using errcode = '${frozenSqlState}',
      message = format('Nobody can tell whose row of table %s this is (%s) while accounts are closed for changes (%s). Questions: %s.',
        relation, problem, hold.reason, hold.contact);
  end $$;
  create or replace function cutover.known(names text[]) returns void ${ownRights} as $$
  declare name text;
  begin
    foreach name in array names loop
      perform 1 from cutover.account a where a.account = name for share;
      if not found then
        raise exception using errcode = 'serialization_failure', message = 'could not serialize access due to an account that came up since; try again';
      end if;
    end loop;
  end $$;
  create or replace function cutover.guard_truncate() returns trigger ${ownRights} as $$
  begin
    if not cutover.asleep() then
      if cutover.stale() then
        raise exception using errcode = 'serialization_failure', message = 'could not serialize access due to a freeze of accounts; try again';
      end if;
      perform cutover.refuse(null);
    end if;
    return null;
  end $$;
`;

/**
 * `asleep` tells that there is nothing to judge: it is the runner who writes, nothing is frozen, or our tables are gone, so that nothing can be.
 * It takes no lock and writes nothing, so that outside a freeze no write of the business waits, fails or changes because of us.
 *
 * `stale` tells that this transaction's snapshot is older than the newest freeze. A sequence shows its newest number whatever the snapshot.
 */
export function gatekeepers(runner: string): string {
  return `
  create or replace function cutover.stale() returns boolean ${ownRights} as $$
  begin
    return current_setting('transaction_isolation') in ('repeatable read', 'serializable')
      and (select g.closings from cutover.gate g) < (select last_value from cutover.closing);
  end $$;
  create or replace function cutover.asleep() returns boolean ${ownRights} as $$
  begin
    return session_user = ${escapeLiteral(runner)} or not (exists (select from cutover.freeze)
      or (current_setting('transaction_isolation') in ('repeatable read', 'serializable') and cutover.stale()));
  exception when others then
    return true;
  end $$;
  `;
}

/**
 * The guard of one table. It judges after the row is stored, so that whatever other triggers made of it is what is judged; a refusal takes the
 * whole statement back. It reads no column but those of the account path.
 */
export function guardBody(table: string, { accounts, lookup }: AccountSql): string {
  const stale = lookup
    ? `raise exception using errcode = 'serialization_failure', message = 'could not serialize access due to a freeze of accounts; try again';`
    : 'perform cutover.known(cutover_accounts);';
  return `
#variable_conflict use_column
declare cutover_accounts text[]; cutover_problem text;
begin
  if cutover.asleep() then return null; end if;
  begin
    cutover_accounts := array(select account from (${accounts('old')} union ${accounts('new')}) as both_sides (account) where account is not null order by 1);
    if cutover.stale() then ${stale} end if;
  exception ${again}; when others then
    cutover_problem := sqlerrm;
  end;
  if cutover_problem is null then perform cutover.refuse(cutover_accounts);
  else perform cutover.refuse_unjudged(${escapeLiteral(table)}, cutover_problem); end if;
  return null;
end`;
}
