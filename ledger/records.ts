import { sql } from 'kysely';
import type { Fields } from '../contracts/fields.ts';
import type { Database } from './database.ts';
import { seal, unsealFields } from './sealed.ts';
import { holdStaging, type Staging } from './stagings.ts';

/** What is to become of a staged record; `gone` is a tombstone: it vanished from the source. */
export type Disposition = 'move' | 'match' | 'archive' | 'gone';

export interface StagedRecord {
  readonly object: string;
  readonly sourceId: string;
  readonly revision: number;
  readonly account: string | null;
  readonly wave: string;
  readonly hash: string;
  readonly payload: Fields;
  readonly disposition: Disposition;
}

export interface NewRecord {
  readonly object: string;
  readonly sourceId: string;
  readonly account: string | null;
  readonly wave: string;
  readonly hash: string;
  readonly payload: Fields;
  readonly disposition: Disposition;
}

type Row = Omit<StagedRecord, 'payload'> & { readonly payload: string };
const columns = sql`object, source_id as "sourceId", revision, account, wave, hash, payload, disposition`;
const unsealed = (row: Row): StagedRecord => ({ ...row, payload: unsealFields(row.payload) });

/** Source records as they were read: immutable, a new revision for every change. */
export class Records {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Stages records; one that is there with the same content, disposition, account and wave is left alone. Returns how many are new or changed.
   * Rejects with WaveMovedOn where a later reading of the source has begun.
   */
  async stage(scope: string, staging: Staging, records: readonly NewRecord[]): Promise<number> {
    if (records.length === 0) return 0;
    const sealed = JSON.stringify(records.map((record) => ({ ...record, payload: seal(record.payload) })));
    return this.#db.transaction().execute(async (tx) => {
      await holdStaging(tx, staging);
      const { rows } = await sql<{ object: string; source_id: string; revision: number }>`
        with offered as (select * from jsonb_to_recordset(${sealed}::jsonb) as o(object text, "sourceId" text, account text, wave text, hash text, payload text, disposition text)),
        old as (select r.object, r.source_id, r.revision, r.hash, r.disposition, r.account, r.wave from record r join offered o on r.scope = ${scope} and r.object = o.object and r.source_id = o."sourceId" and r.latest for update of r),
        fresh as (select o.*, coalesce(old.revision, 0) + 1 as revision from offered o left join old on old.object = o.object and old.source_id = o."sourceId"
          where (old.hash, old.disposition, old.account, old.wave) is distinct from (o.hash, o.disposition, o.account, o.wave)),
        retired as (update record r set latest = false from fresh f where r.scope = ${scope} and r.object = f.object and r.source_id = f."sourceId" and r.latest returning 1)
        select f.object, f."sourceId" as source_id, f.revision from fresh f, (select count(*) from retired) done`.execute(tx);
      for (const row of rows) {
        const record = records.find((candidate) => candidate.object === row.object && candidate.sourceId === row.source_id);
        if (!record) continue;
        await sql`insert into record (scope, object, source_id, revision, account, run, wave, hash, payload, disposition)
          values (${scope}, ${record.object}, ${record.sourceId}, ${row.revision}, ${record.account}, ${staging.run}, ${record.wave}, ${record.hash}, ${seal(record.payload)}, ${record.disposition})`.execute(
          tx,
        );
      }
      return rows.length;
    });
  }

  /** How many of a wave's latest revisions were staged after this instant (null counts them all), of these accounts and of none where accounts are given. */
  async stagedSince(scope: string, wave: string, since: Date | null, accounts: readonly string[] | null = null): Promise<number> {
    const some = accounts === null ? sql`true` : sql`(account is null or account = any(${accounts}))`;
    const { rows } = await sql<{
      staged: number;
    }>`select count(*) as staged from record where scope = ${scope} and wave = ${wave} and latest and (${since}::timestamptz is null or staged_at > ${since}) and ${some}`.execute(
      this.#db,
    );
    return rows[0]?.staged ?? 0;
  }

  /** Latest revisions of a wave's records of one object, in key order; those given by key only, where keys are given. */
  async latest(scope: string, wave: string, object: string, keys: readonly string[] | null = null): Promise<readonly StagedRecord[]> {
    const some = keys === null ? sql`true` : sql`source_id = any(${keys})`;
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and wave = ${wave} and object = ${object} and latest and ${some} order by source_id collate "C"`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }

  /** Every revision of these records, newest first. */
  async revisions(scope: string, object: string, keys: readonly string[]): Promise<readonly StagedRecord[]> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and object = ${object} and source_id = any(${keys}) order by revision desc`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }

  async byKey(scope: string, object: string, sourceId: string): Promise<StagedRecord | null> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and object = ${object} and source_id = ${sourceId} and latest`.execute(
        this.#db,
      );
    return rows[0] ? unsealed(rows[0]) : null;
  }

  /** Latest revisions of every record of one object, of all waves. */
  async all(scope: string, object: string): Promise<readonly StagedRecord[]> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and object = ${object} and latest order by source_id collate "C"`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }
}
