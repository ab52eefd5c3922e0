import { sql, type RawBuilder } from 'kysely';
import type { Fields } from '../contracts/fields.ts';
import type { Database } from './database.ts';
import { linesOf, tableOf } from './rows.ts';
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

/** A staged record without its contents. */
export type RecordHead = Omit<StagedRecord, 'payload'>;

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
const headColumns = sql`object, source_id as "sourceId", revision, account, wave, hash, disposition`;
const columns = sql`${headColumns}, payload`;
/** Records of one page. */
const pageSize = 1_000;
/** Accounts whose records are asked for at once. */
const accountsAtATime = 100;

/** What makes a new revision where it differs. */
const compared = { offered: 'hash text, disposition text, account text, wave text', stored: sql`r.hash, r.disposition, r.account, r.wave` };
const unsealed = (row: Row): StagedRecord => ({ ...row, payload: unsealFields(row.payload) });

/** Source records as they were read: immutable, a new revision for every change. */
export class Records {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Stages records; one that is there with the same content, disposition, account and wave is left alone. Returns how many are new or changed.
   * Rejects with Overtaken where a later reading of the source has begun.
   */
  async stage(scope: string, staging: Staging, records: readonly NewRecord[]): Promise<number> {
    if (records.length === 0) return 0;
    return this.#db.transaction().execute(async (tx) => {
      await holdStaging(tx, staging);
      const { rows } = await sql<{ place: number; revision: number }>`
        with offered as materialized (select r.* from ${tableOf(records, `object text, "sourceId" text, ${compared.offered}`)}),
        old as materialized (select r.object, r.source_id, r.revision, ${compared.stored} from record r
          join offered o on r.scope = ${scope} and r.object = o.object and r.source_id = o."sourceId" and r.latest for update of r),
        fresh as materialized (select o.place, o.object, o."sourceId", coalesce(old.revision, 0) + 1 as revision
          from offered o left join old on old.object = o.object and old.source_id = o."sourceId"
          where (old.hash, old.disposition, old.account, old.wave) is distinct from (o.hash, o.disposition, o.account, o.wave)),
        retired as (update record r set latest = false from fresh f where r.scope = ${scope} and r.object = f.object and r.source_id = f."sourceId" and r.latest returning 1)
        select f.place, f.revision from fresh f, (select count(*) from retired) done`.execute(tx);
      const fresh = rows.flatMap(({ place, revision }) => {
        const record = records[place];
        return record === undefined ? [] : [{ ...record, revision }];
      });
      if (fresh.length === 0) return 0;
      await sql`insert into record (scope, object, source_id, revision, account, run, wave, hash, payload, disposition)
        select ${scope}, r.object, r."sourceId", r.revision, r.account, ${staging.run}, r.wave, r.hash, p.text, r.disposition
        from ${tableOf(fresh, `object text, "sourceId" text, revision int, ${compared.offered}`)}
        join ${linesOf(
          'p',
          fresh.map(({ payload }) => seal(payload)),
        )} on p.number = r.place + 1`.execute(tx);
      return fresh.length;
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

  /** Latest revisions of a wave's records of one object that have these keys, in key order. */
  async latest(scope: string, wave: string, object: string, keys: readonly string[]): Promise<readonly StagedRecord[]> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and wave = ${wave} and object = ${object} and latest and source_id = any(${[...keys]}) order by source_id collate "C"`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }

  /** How many records of one object a wave has. */
  async count(scope: string, object: string, wave: string): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*) from record
      where scope = ${scope} and wave = ${wave} and object = ${object} and latest and disposition <> 'gone'`.execute(this.#db);
    return rows[0]?.count ?? 0;
  }

  /**
   * What the ledger knows of the records of one object that did not vanish, their contents aside, some at a time: of these accounts in whatever wave they
   * are, or (null) of everybody.
   */
  async *standing(scope: string, object: string, accounts: readonly string[] | null): AsyncGenerator<readonly RecordHead[]> {
    const heads = (some: RawBuilder<unknown>): RawBuilder<RecordHead> =>
      sql<RecordHead>`select ${headColumns} from record where scope = ${scope} and object = ${object} and latest and disposition <> 'gone' and ${some}`;
    if (accounts !== null) {
      for (let start = 0; start < accounts.length; start += accountsAtATime)
        yield (await heads(sql`account = any(${accounts.slice(start, start + accountsAtATime)})`).execute(this.#db)).rows;
      return;
    }
    for (let after: string | null = ''; after !== null;) {
      const { rows }: { readonly rows: readonly RecordHead[] } =
        await sql<RecordHead>`${heads(sql`source_id > ${after}`)} order by source_id limit ${pageSize}`.execute(this.#db);
      yield rows;
      after = rows.length < pageSize ? null : (rows.at(-1)?.sourceId ?? null);
    }
  }

  /** Latest revisions of a wave's records of one object, page by page in key order. */
  async *pages(scope: string, wave: string, object: string): AsyncGenerator<readonly StagedRecord[]> {
    for await (const rows of this.#pages<Row>(columns, scope, wave, object, sql`true`)) yield rows.map(unsealed);
  }

  /** The same without their contents; those that vanished from the source, or all others. */
  headPages(scope: string, wave: string, object: string, which: 'gone' | 'there'): AsyncGenerator<readonly RecordHead[]> {
    return this.#pages(headColumns, scope, wave, object, which === 'gone' ? sql`disposition = 'gone'` : sql`disposition <> 'gone'`);
  }

  async *#pages<T extends RecordHead>(
    wanted: RawBuilder<unknown>,
    scope: string,
    wave: string,
    object: string,
    some: RawBuilder<unknown>,
  ): AsyncGenerator<readonly T[]> {
    let after: string | null = null;
    for (;;) {
      const { rows }: { readonly rows: readonly T[] } =
        await sql<T>`select ${wanted} from record where scope = ${scope} and wave = ${wave} and object = ${object} and latest
        and (${after}::text is null or source_id collate "C" > ${after}) and ${some} order by source_id collate "C" limit ${pageSize}`.execute(
          this.#db,
        );
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) return;
      after = last.sourceId;
    }
  }

  /** Every revision of these records, newest first. */
  async revisions(scope: string, object: string, keys: readonly string[]): Promise<readonly StagedRecord[]> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and object = ${object} and source_id = any(${keys}) order by revision desc`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }

  /** Latest revisions of these records of one object, of any wave. */
  async byKeys(scope: string, object: string, keys: readonly string[]): Promise<readonly StagedRecord[]> {
    const { rows } =
      await sql<Row>`select ${columns} from record where scope = ${scope} and object = ${object} and source_id = any(${[...keys]}) and latest`.execute(
        this.#db,
      );
    return rows.map(unsealed);
  }

  /** The accounts of these records, by key; a record that belongs to none, or that the ledger does not know, is absent. */
  async accountsOf(scope: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (keys.length === 0) return new Map();
    const { rows } = await sql<{ key: string; account: string }>`select source_id as key, account from record
      where scope = ${scope} and object = ${object} and source_id = any(${[...keys]}) and latest and account is not null`.execute(this.#db);
    return new Map(rows.map(({ key, account }) => [key, account]));
  }

  /** The content hashes of these records as they were last staged, by key. */
  async hashesOf(scope: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (keys.length === 0) return new Map();
    const { rows } = await sql<{ key: string; hash: string }>`select source_id as key, hash from record
      where scope = ${scope} and object = ${object} and source_id = any(${[...keys]}) and latest`.execute(this.#db);
    return new Map(rows.map(({ key, hash }) => [key, hash]));
  }
}
