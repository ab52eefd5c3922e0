import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The keys of archived records, each a row, so that whether some are archived is asked by key. They are filled from the parts by the database, so that
 * parts which a worker of the release before archives are known too.
 */
const statements = [
  `create table archived_key (
    scope text not null, object text not null, key text not null, part text not null, primary key (scope, object, key),
    foreign key (scope, part) references archived on delete cascade)`,
  `create index archived_key_by_part on archived_key (scope, part)`,
  `insert into archived_key (scope, object, key, part) select a.scope, a.object, k.key, a.part from archived a cross join unnest(a.keys) as k(key) on conflict do nothing`,
  `create function note_archived_keys() returns trigger language plpgsql as $$
    begin
      insert into archived_key (scope, object, key, part) select new.scope, new.object, k.key, new.part from unnest(new.keys) as k(key) on conflict do nothing;
      return null;
    end $$`,
  `create trigger archived_keys after insert on archived for each row execute function note_archived_keys()`,
];

export const archivedKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
