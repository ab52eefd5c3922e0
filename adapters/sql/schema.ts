import { escapeLiteral } from 'pg';
import { gatekeepers, ownRights, sharedGuards } from './guard.ts';

/**
 * Our schema in the legacy database. Repeating it changes nothing.
 *
 * `freeze` is what the guards ask. `since` is the transaction that ordered the freeze: one that began earlier may finish what it started until
 * `strict` is set. `drained` is set when every writer that could have passed before has ended. `lease_until` is when the guards let writers pass
 * again; `proven_until` is up to when it is proved that none has: it follows `lease_until` only after a longer lease was seen to be in force before
 * the old one ended.
 *
 * `gate.closings` counts what closed accounts, `closing` shows the same number to transactions whatever their snapshot. `account` has a row for
 * every account that was there at the installation or was ever frozen, changed by each closing: a transaction with an older snapshot that locks it
 * fails with 40001.
 */
export const tables = `
  create schema if not exists cutover;
  create table if not exists cutover.account (account text primary key, closings bigint not null default 0);
  create table if not exists cutover.gate (one boolean primary key default true check (one), closings bigint not null default 0);
  insert into cutover.gate default values on conflict do nothing;
  create sequence if not exists cutover.closing minvalue 0 start 0;
  create table if not exists cutover.freeze (
    account text not null,
    wave text not null,
    generation bigint not null,
    lease_until timestamptz not null,
    proven_until timestamptz not null,
    sealed boolean not null default false,
    reason text not null,
    contact text not null,
    since xid8 not null,
    strict boolean not null default false,
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
  create table if not exists cutover.revoked (
    relation text not null, columns text not null, role text not null, privilege text not null, grantable boolean not null,
    primary key (relation, columns, role, privilege)
  );
`;

/**
 * The functions that all triggers share. `runner` is the user that is let through, because it carries business back; it is told by session_user,
 * because current_user is the owner inside these functions.
 */
export function functions(runner: string): string {
  return [gatekeepers(runner), sharedGuards].join('\n');
}

/** Nobody but their owner calls them; a trigger needs no right of its writer. */
export const functionsAreOurs = 'revoke all on all functions in schema cutover from public';

/** The function behind the triggers of one table. */
export function triggerFunction(name: string, body: string): string {
  return `create or replace function cutover.${name}() returns trigger ${ownRights} as ${escapeLiteral(body)}`;
}
