-- Runs once, by psql, when the data folder is made. Each role owns or reaches only what it works with:
-- `temporal` its own two databases, `cutover_admin` the tables of the ledger, `cutover` (the workers and the command line) their rows.
\set ON_ERROR_STOP on
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv admin_password CUTOVER_LEDGER_ADMIN_PASSWORD
\getenv runner_password CUTOVER_LEDGER_PASSWORD

create role temporal login password :'temporal_password';
create role cutover_admin login password :'admin_password';
create role cutover login password :'runner_password';
-- Names whose transactions keep a migration out, and may end them.
grant pg_read_all_stats, pg_signal_backend to cutover_admin;

create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database cutover owner cutover_admin;
revoke all on database temporal, temporal_visibility, cutover from public;
grant connect on database cutover to cutover;

\connect cutover
alter default privileges for role cutover_admin in schema public grant select, insert, update, delete on tables to cutover;
