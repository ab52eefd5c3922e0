import { createHash } from 'node:crypto';
import type { LocalPostgres } from './postgres.ts';
import { withConnection } from './sql.ts';

/** What a database is copied from: what distinguishes its content, and how it is made once on each server. */
export interface Template {
  readonly key: string;
  /** Fills an empty database, entered as the server's administrator. */
  fill(adminUrl: string): Promise<void>;
}

/** Creates a database as a copy of a template, where the server can of its files; the first to ask on a server makes the template. */
export async function createCopy(postgres: LocalPostgres, name: string, template: Template): Promise<void> {
  const original = `template_${createHash('sha256').update(template.key).digest('hex').slice(0, 16)}`;
  await withConnection(postgres.url('postgres'), async (client) => {
    // One that is being made must not be copied, nor made twice.
    await client.query('select pg_advisory_lock(hashtext($1))', [original]);
    const { rows } = await client.query<{ whole: boolean | null; how: string }>(
      `select (select datistemplate from pg_database where datname = $1) as whole,
        case when current_setting('server_version_num')::int >= 150000 then 'strategy file_copy' else '' end as how`,
      [original],
    );
    if (rows[0]?.whole !== true) {
      await client.query(`drop database if exists ${original}`);
      await client.query(`create database ${original}`);
      await template.fill(postgres.url(original));
      await client.query(`alter database ${original} is_template true`);
    }
    await client.query(`create database ${client.escapeIdentifier(name)} template ${original} ${rows[0]?.how ?? ''}`);
  });
}
