import { sql } from 'kysely';
import type { Database } from './database.ts';
import { storableJson, tableOf } from './rows.ts';
import { holdStaging, type Staging } from './stagings.ts';

export interface TrailEvent {
  readonly id: number;
  readonly wave: string | null;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** The newest copy of a record in the archive. */
export interface ArchivedCopy {
  readonly part: string;
  /** Hash of what it holds; null where a worker of an earlier release archived it. */
  readonly hash: string | null;
}

/** What a part holds: a copy of each of its records. */
export interface NewCopy {
  readonly key: string;
  readonly hash: string;
}

/** A part that was put, with what it holds. */
interface NewPart extends PartOfArchive {
  readonly copies: readonly NewCopy[];
}

interface PartOfArchive {
  readonly object: string;
  readonly part: string;
  readonly rows: number;
  readonly lines: number;
  readonly sha256: string;
  readonly money: Readonly<Record<string, string>>;
}

/** A part as the ledger knows it. */
export interface ArchivedPart extends PartOfArchive {
  /** Of how many of its records no later part holds a newer copy. */
  readonly newest: number;
}

/** What happened, in order, and what was put into the archive. */
export class Trail {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async note(run: string, wave: string | null, kind: string, detail: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await sql`insert into audit_event (run, wave, kind, detail) values (${run}, ${wave}, ${kind}, ${storableJson(detail)}::jsonb)`.execute(
      this.#db,
    );
  }

  /** The same of what comes once in an attempt of a wave (the `attempt` of its detail), however often it is told. */
  async noteOnce(run: string, wave: string, kind: string, detail: { readonly attempt: number; readonly reason: string }): Promise<void> {
    await sql`insert into audit_event (run, wave, kind, detail) select ${run}, ${wave}, ${kind}, ${storableJson(detail)}::jsonb
      where not exists (select 1 from audit_event where run = ${run} and wave = ${wave} and kind = ${kind} and detail->'attempt' = to_jsonb(${detail.attempt}::int))`.execute(
      this.#db,
    );
  }

  /** Whether an event of this kind was noted. */
  async has(run: string, kind: string): Promise<boolean> {
    const { rows } = await sql<{
      noted: boolean;
    }>`select exists (select 1 from audit_event where run = ${run} and kind = ${kind}) as noted`.execute(this.#db);
    return rows[0]?.noted ?? false;
  }

  /** Of each kind the newest event in each wave (and of those of no wave), in the order in which they were noted. */
  async newest(run: string): Promise<readonly TrailEvent[]> {
    const { rows } =
      await sql<TrailEvent>`select * from (select distinct on (kind, wave) id, wave, kind, detail, at from audit_event where run = ${run}
      order by kind, wave, id desc) newest order by id`.execute(this.#db);
    return rows;
  }

  async events(run: string): Promise<readonly TrailEvent[]> {
    const { rows } = await sql<TrailEvent>`select id, wave, kind, detail, at from audit_event where run = ${run} order by id`.execute(
      this.#db,
    );
    return rows;
  }

  /**
   * Notes a part that was put into the archive; its copies are now the newest of their records, also where the part was noted before. Rejects with
   * Overtaken where a later reading of the source than `staging` has begun.
   */
  async archive(scope: string, run: string, { copies, ...part }: NewPart, staging: Staging | null): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      if (staging !== null) await holdStaging(tx, staging);
      await sql`insert into archived (scope, run, object, part, rows, lines, sha256, money, keys) values (${scope}, ${run}, ${part.object}, ${part.part}, ${part.rows}, ${part.lines}, ${part.sha256}, ${JSON.stringify(part.money)}::jsonb, ${copies.map(({ key }) => key)})
        on conflict do nothing`.execute(tx);
      await sql`insert into archived_key (scope, object, key, part, hash) select ${scope}, ${part.object}, r.key, ${part.part}, r.hash from ${tableOf(copies, 'key text, hash text')}
        on conflict (scope, object, key) do update set part = excluded.part, hash = excluded.hash`.execute(tx);
    });
  }

  /** Notes what the newest copies in a part hold, where nobody had. */
  async noteHashes(scope: string, object: string, part: string, copies: readonly NewCopy[]): Promise<void> {
    await sql`update archived_key k set hash = r.hash from ${tableOf(copies, 'key text, hash text')}
      where k.scope = ${scope} and k.object = ${object} and k.part = ${part} and k.key = r.key and k.hash is null`.execute(this.#db);
  }

  /** The parts that the archive holds. */
  async archived(scope: string): Promise<readonly ArchivedPart[]> {
    const { rows } = await sql<ArchivedPart>`select object, part, rows, lines, sha256, money,
      (select count(*) from archived_key k where k.scope = a.scope and k.part = a.part) as newest from archived a where scope = ${scope} order by at, part`.execute(
      this.#db,
    );
    return rows;
  }

  /** The newest copies of those of these records that a part of this object holds, by key. */
  async archivedAmong(scope: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, ArchivedCopy>> {
    if (keys.length === 0) return new Map();
    const { rows } = await sql<
      ArchivedCopy & { readonly key: string }
    >`select key, part, hash from archived_key where scope = ${scope} and object = ${object} and key = any(${[...keys]})`.execute(this.#db);
    return new Map(rows.map(({ key, part, hash }) => [key, { part, hash }]));
  }
}

/** The texts of a list in an event's detail; none where it has no such list. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
