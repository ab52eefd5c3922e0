import { sql } from 'kysely';
import type { Database } from './database.ts';

/** What a freeze cost the accounts of a wave, and what it would have cost more, in the present attempt of the wave. */
export interface FrozenTime {
  readonly wave: string;
  /** From the first freeze to the seal or the thaw (ms), until now where neither was; null before the first freeze. */
  readonly frozenMs: number | null;
  /** What the loads took that were begun before the first freeze (ms), while legacy was open. */
  readonly loadedBeforeMs: number;
}

/** How long the accounts of waves were closed in legacy before anything was switched, by the acts that the ledger allowed. */
export class FrozenTimes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Of each wave of a run. A lease that lapsed and was followed by another freeze counts as frozen throughout. */
  async of(run: string): Promise<readonly FrozenTime[]> {
    const { rows } = await sql<FrozenTime>`
      select w.name as wave,
        (extract(epoch from coalesce(closing.at, clock_timestamp()) - frozen.at) * 1000)::float8 as "frozenMs",
        coalesce((select sum(extract(epoch from coalesce(s.ended_at, clock_timestamp()) - s.begun_at) * 1000)::float8 from step s
          where s.run = w.run and s.wave = w.name and s.attempt = w.attempt and s.step = 'load' and s.begun_at < coalesce(frozen.at, 'infinity')
          and (s.ended_at is not null or w.state in ('loading', 'shadow'))), 0) as "loadedBeforeMs"
      from wave w
        left join lateral (select min(a.at) as at from act a where a.run = w.run and a.wave = w.name and a.attempt = w.attempt and a.kind = 'freeze') frozen on true
        left join lateral (select max(a.at) as at from act a where a.run = w.run and a.wave = w.name and a.attempt = w.attempt
          and case when w.state in ('switching', 'switched', 'closed') then a.kind = 'seal' else a.kind = 'thaw' end) closing on true
      where w.run = ${run} order by w.ordinal`.execute(this.#db);
    return rows;
  }
}
