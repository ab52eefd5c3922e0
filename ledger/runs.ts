import { sql } from 'kysely';
import { mayBegin } from '../domain/gates/stops.ts';
import { mayEnterPhase, type Phase } from '../domain/plan/phases.ts';
import { mayActInRun, mayEndRun } from '../domain/waves/acts.ts';
import { RunMovedOn } from '../domain/waves/moved-on.ts';
import { mayMove, type WaveState } from '../domain/waves/state.ts';
import { runStands } from './acts.ts';
import { deciding } from './deciding.ts';
import type { Database } from './database.ts';
import { readStanding } from './holds.ts';

export interface RunRow {
  readonly id: string;
  readonly scope: string | null;
  readonly planHash: string;
  readonly envHash: string;
  readonly state: 'open' | 'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions';
  readonly phase: Phase;
  /** The reasons of all holds that stand; null where none does. */
  readonly held: string | null;
  readonly fingerprint: string | null;
  readonly targetSkewMs: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const columns = sql`id, scope, plan_hash as "planHash", env_hash as "envHash", state, phase,
  (select string_agg(h.reason, '; ' order by h.number) from hold h where h.run = run.id and h.lifted_at is null) as held, fingerprint, target_skew_ms as "targetSkewMs", started_at as "startedAt", ended_at as "endedAt"`;

/** Runs and the plan and env documents they were started with. */
export class Runs {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores a plan or env under its hash; storing it again changes nothing. */
  async storeDocument(hash: string, kind: 'plan' | 'env', body: unknown): Promise<void> {
    await sql`insert into document (hash, kind, body) values (${hash}, ${kind}, ${JSON.stringify(body)}::jsonb) on conflict do nothing`.execute(
      this.#db,
    );
  }

  async document(hash: string): Promise<unknown> {
    const { rows } = await sql<{ body: unknown }>`select body from document where hash = ${hash}`.execute(this.#db);
    return rows[0]?.body ?? null;
  }

  /** Creates the run, or finds it as it stands; a run is known by its id and keeps the hashes it was created with. */
  async open(id: string, planHash: string, envHash: string): Promise<RunRow> {
    await sql`insert into run (id, plan_hash, env_hash) values (${id}, ${planHash}, ${envHash}) on conflict do nothing`.execute(this.#db);
    return this.get(id);
  }

  async get(id: string): Promise<RunRow> {
    const row = await this.find(id);
    if (row === null) throw new Error(`the ledger knows no run ${id}; start it with: cutover start`);
    return row;
  }

  async find(id: string): Promise<RunRow | null> {
    const { rows } = await sql<RunRow>`select ${columns} from run where id = ${id}`.execute(this.#db);
    return rows[0] ?? null;
  }

  /** All runs, newest first. */
  async all(): Promise<readonly RunRow[]> {
    const { rows } = await sql<RunRow>`select ${columns} from run order by started_at desc, id`.execute(this.#db);
    return rows;
  }

  /** Runs of a plan, oldest first. */
  async ofPlan(plan: string): Promise<readonly RunRow[]> {
    const { rows } = await sql<RunRow>`select ${columns} from run where id like ${`cutover/${plan}/%`} order by started_at`.execute(
      this.#db,
    );
    return rows;
  }

  /**
   * Binds the run to the pair of systems it works between. Null where it is bound now; else the id of the other open run that holds the pair.
   * `targetSkewMs` is the target's clock minus ours.
   */
  async bindScope(id: string, scope: string, targetSkewMs: number): Promise<string | null> {
    return this.#db.transaction().execute(async (tx) => {
      // Two runs that ask in the same moment ask one after the other.
      await sql`select pg_advisory_xact_lock(hashtextextended(${scope}, 0))`.execute(tx);
      const { rows } = await sql<{ id: string }>`select id from run where scope = ${scope} and state = 'open' and id <> ${id}`.execute(tx);
      if (rows[0] !== undefined) return rows[0].id;
      await sql`update run set scope = ${scope}, target_skew_ms = ${targetSkewMs} where id = ${id} and state = 'open' and phase = 'preflight'`.execute(
        tx,
      );
      return null;
    });
  }

  /** Enters a phase; false where the run is further on already. Rejects with RunMovedOn where it has ended. */
  async setPhase(id: string, phase: Phase): Promise<boolean> {
    return deciding(this.#db, id, [], async (tx) => {
      const { rows } = await sql<{ state: string; phase: Phase }>`select state, phase from run where id = ${id}`.execute(tx);
      if (rows[0]?.state !== 'open') throw new RunMovedOn(id, `enter the phase ${phase}`);
      if (!mayEnterPhase(rows[0].phase, phase)) return false;
      await sql`update run set phase = ${phase} where id = ${id}`.execute(tx);
      return true;
    });
  }

  /** Keeps what later drift is measured against: what was kept first stands. Rejects with RunMovedOn once a wave has begun. */
  async setFingerprint(id: string, fingerprint: string): Promise<void> {
    await deciding(this.#db, id, 'all', async (tx) => {
      const { runIsOpen, waves } = await runStands(tx, id);
      const states = waves.map(({ state }) => state);
      if (!mayActInRun('install', runIsOpen, states)) throw new RunMovedOn(id, 'freeze the configuration');
      await sql`update run set fingerprint = coalesce(fingerprint, ${fingerprint}) where id = ${id}`.execute(tx);
    });
  }

  /** Whether the watcher gave a sign of life within this time (ms), by the ledger's clock. */
  async guardAlive(id: string, withinMs: number): Promise<boolean> {
    const { rows } = await sql<{
      alive: boolean;
    }>`select coalesce(guard_alive_at > clock_timestamp() - make_interval(secs => ${withinMs / 1000}), false) as alive from run where id = ${id}`.execute(
      this.#db,
    );
    return rows[0]?.alive ?? false;
  }

  /** The watcher's sign of life; a load claim needs it young. */
  async beatGuard(id: string): Promise<void> {
    await sql`update run set guard_alive_at = clock_timestamp() where id = ${id}`.execute(this.#db);
  }

  /** Whether nothing stands against closing the waves of a run, or they are closed. */
  async mayClose(id: string): Promise<boolean> {
    return mayClose(this.#db, id, (await runStands(this.#db, id)).waves);
  }

  /**
   * Closes all waves at once, where no hold and no stop verb stands; from then on people can send none. False where one does. Rejects with RunMovedOn where
   * the run has ended, or a wave stands where it cannot be closed.
   */
  async closeWaves(id: string): Promise<boolean> {
    return deciding(this.#db, id, 'all', async (tx) => {
      const { runIsOpen, waves } = await runStands(tx, id);
      if (runIsOpen && !(await mayClose(tx, id, waves))) return false;
      if (!runIsOpen || !waves.every(({ state }) => state === 'closed' || mayMove(state, 'closed')))
        throw new RunMovedOn(id, 'close its waves');
      await sql`update wave set state = 'closed', ended_at = clock_timestamp() where run = ${id} and state <> 'closed'`.execute(tx);
      return true;
    });
  }

  /**
   * Ends the run, where its waves stand as that end needs; ended so before, it stays. Rejects with RunMovedOn otherwise. How far calls of it were, which
   * names records, is forgotten.
   */
  async end(id: string, state: Exclude<RunRow['state'], 'open'>): Promise<void> {
    await deciding(this.#db, id, 'all', async (tx) => {
      const { runIsOpen, waves } = await runStands(tx, id);
      const { rows } = await sql<{ state: string }>`select state from run where id = ${id}`.execute(tx);
      if (rows[0]?.state === state) return;
      const states = waves.map(({ state: wave }) => wave);
      if (!mayEndRun(state, runIsOpen, states)) throw new RunMovedOn(id, `end as ${state}`);
      await sql`update run set state = ${state}, phase = 'ended', ended_at = clock_timestamp() where id = ${id}`.execute(tx);
      await sql`delete from place where run = ${id}`.execute(tx);
    });
  }
}

async function mayClose(db: Database, run: string, waves: readonly { readonly state: WaveState }[]): Promise<boolean> {
  return waves.every(({ state }) => state === 'closed') || mayBegin('close', null, await readStanding(db, run)).may;
}
