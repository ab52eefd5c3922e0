import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface TrailEvent {
  readonly id: number;
  readonly wave: string | null;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** A part of the archive, and the keys of what it holds. */
interface NewPart extends ArchivedPart {
  readonly keys: readonly string[];
}

export interface ArchivedPart {
  readonly object: string;
  readonly part: string;
  readonly rows: number;
  readonly lines: number;
  readonly sha256: string;
  readonly money: Readonly<Record<string, string>>;
}

/** What happened, in order, and what was put into the archive. */
export class Trail {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async note(run: string, wave: string | null, kind: string, detail: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await sql`insert into audit_event (run, wave, kind, detail) values (${run}, ${wave}, ${kind}, ${JSON.stringify(detail)}::jsonb)`.execute(
      this.#db,
    );
  }

  async events(run: string): Promise<readonly TrailEvent[]> {
    const { rows } = await sql<TrailEvent>`select id, wave, kind, detail, at from audit_event where run = ${run} order by id`.execute(
      this.#db,
    );
    return rows;
  }

  async archive(scope: string, run: string, part: NewPart): Promise<void> {
    await sql`insert into archived (scope, run, object, part, rows, lines, sha256, money, keys) values (${scope}, ${run}, ${part.object}, ${part.part}, ${part.rows}, ${part.lines}, ${part.sha256}, ${JSON.stringify(part.money)}::jsonb, ${[...part.keys]})
      on conflict do nothing`.execute(this.#db);
  }

  /** The parts that the archive holds. */
  async archived(scope: string): Promise<readonly ArchivedPart[]> {
    const { rows } =
      await sql<ArchivedPart>`select object, part, rows, lines, sha256, money from archived where scope = ${scope} order by at, part`.execute(
        this.#db,
      );
    return rows;
  }

  /** Those of these keys that a part of this object holds. */
  async archivedAmong(scope: string, object: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    const { rows } = await sql<{
      key: string;
    }>`select key from archived_key where scope = ${scope} and object = ${object} and key = any(${[...keys]})`.execute(this.#db);
    return new Set(rows.map(({ key }) => key));
  }
}

/** The texts of a list in an event's detail; none where it has no such list. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
