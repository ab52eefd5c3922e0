import { setTimeout as sleep } from 'node:timers/promises';
import { paceOf } from '../../../domain/waves/pace.ts';
import { openLedger } from '../../../ledger/ledger.ts';
import { askDatabase } from '../../dev/sql.ts';
import type { Arena } from '../contestants/contestant.ts';
import { loadedObjects } from './plan.ts';
import type { BenchRun } from './run.ts';

/** Between two looks into the ledger, ms. */
const lookEveryMs = 100;

/** Instants of a run by its own ledger, in ms since the epoch; null where it is not so far. */
export class Books {
  readonly #ledger: string;
  readonly #run: BenchRun;
  readonly #patienceMs: number;
  readonly #first: string;
  readonly #last: string;

  constructor({ stack, patienceMs, sizes }: Arena, database: string, run: BenchRun) {
    this.#ledger = stack.postgres.url(database);
    this.#run = run;
    this.#patienceMs = patienceMs;
    [this.#first, this.#last] = loadedObjects(sizes);
  }

  /** When the trail tells of this for the first time. */
  at(kind: string): Promise<number | null> {
    return this.#instant(`select min(at) as at from audit_event where run = '${this.#run.id}' and kind = '${kind}'`);
  }

  /** When the lanes of the first object were planned. */
  loadPlanned(): Promise<number | null> {
    return this.#instant(`select min(planned_at) as at from lane where run = '${this.#run.id}' and object = '${this.#first}'`);
  }

  /** When the last lane of the last object was done, once all are. */
  loadDone(): Promise<number | null> {
    return this.#instant(
      `select case when bool_and(done_at is not null) then max(done_at) end as at from lane where run = '${this.#run.id}' and object = '${this.#last}'`,
    );
  }

  lastReceipt(): Promise<number | null> {
    return this.#instant('select max(at) as at from receipt');
  }

  /** When so many records had their receipt. */
  received(records: number): Promise<number | null> {
    return this.#instant(
      `select min(at) as at from (select at, sum(cardinality(effects)) over (order by id) as records from receipt) as told where records >= ${String(records)}`,
    );
  }

  /** How long the rest of the load takes (ms), as `cutover status` tells it; null where it says nothing. */
  async leftMs(): Promise<number | null> {
    const ledger = openLedger(this.#ledger);
    try {
      const work = (await ledger.lanes.work(this.#run.id)).find(({ kind }) => kind === 'load');
      return work === undefined ? null : (paceOf(work)?.leftMs ?? null);
    } finally {
      await ledger.close();
    }
  }

  /** How many records had their receipt by then (ms since the epoch). */
  async receipts(until: number): Promise<number> {
    const [rows] = await askDatabase(this.#ledger, [
      `select coalesce(sum(cardinality(effects)), 0)::int as n from receipt where at <= to_timestamp(${String(until / 1_000)})`,
    ]);
    return Number(rows?.[0]?.['n'] ?? 0);
  }

  /** The open exceptions of the run. */
  async exceptions(): Promise<readonly { readonly object: string; readonly key: string; readonly kind: string }[]> {
    const [rows] = await askDatabase(this.#ledger, [
      `select object, source_id as key, kind from exception where run = '${this.#run.id}' and state = 'open'`,
    ]);
    return (rows ?? []).map((row) => ({ object: String(row['object']), key: String(row['key']), kind: String(row['kind']) }));
  }

  /** Waits until the ledger tells an instant; rejects where the run ends before, or takes longer than a round may. */
  async until(what: string, look: () => Promise<number | null>): Promise<number> {
    const end = Date.now() + this.#patienceMs;
    for (let looks = 1; Date.now() < end; looks += 1) {
      const at = await look();
      if (at !== null) return at;
      const failure = looks % 20 === 0 ? await this.#run.failure() : null;
      if (failure !== null) throw new Error(`the run ended before ${what}: ${failure}`);
      await sleep(lookEveryMs);
    }
    throw new Error(`not ${what} within ${String(Math.round(this.#patienceMs / 1_000))} s`);
  }

  async #instant(statement: string): Promise<number | null> {
    const [rows] = await askDatabase(this.#ledger, [statement]);
    const at = rows?.[0]?.['at'];
    return at instanceof Date ? at.getTime() : null;
  }
}
