import { sql } from 'kysely';
import type { Execution } from '../contracts/activities.ts';
import type { WaveAttempt } from '../domain/waves/acts.ts';
import { isBehind, type Call } from './asked.ts';
import type { Database } from './database.ts';
import { storableJson } from './rows.ts';

/** A step of a wave attempt that is repeated in rounds; `elapsedMs` since this round began, by the ledger's clock. */
export interface StepRow {
  readonly round: number;
  readonly elapsedMs: number;
  readonly begunAt: Date;
}

const columns = sql`round, (extract(epoch from clock_timestamp() - begun_at) * 1000)::float8 as "elapsedMs", begun_at as "begunAt"`;

/** The timed and the numbered steps of a run, and the ends of its workflows' children: what they go on from when one is started anew. */
export class Steps {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Begins the next round of a step, or finds the one that has not ended. `call` names who asks: where the same call, or a later one of another execution,
   * had begun the newest round, that is found, ended or not.
   */
  async begin({ run, wave, attempt }: WaveAttempt, step: string, call: Call): Promise<StepRow> {
    return this.#db.transaction().execute(async (tx) => {
      await sql`select 1 from run where id = ${run} for no key update`.execute(tx);
      const own = sql`run = ${run} and wave = ${wave} and attempt = ${attempt} and step = ${step}`;
      const newest =
        await sql<StepRow>`select ${columns} from step where ${own} and ${isBehind(sql`asked_by`, call)} order by round desc limit 1`.execute(
          tx,
        );
      if (newest.rows[0] !== undefined) return newest.rows[0];
      const open =
        await sql<StepRow>`update step set asked_by = ${call.key}, asked_ms = ${call.askedMs} where ${own} and ended_at is null returning ${columns}`.execute(
          tx,
        );
      if (open.rows[0] !== undefined) return open.rows[0];
      const begun = await sql<StepRow>`insert into step (run, wave, attempt, step, asked_by, asked_ms, round)
        select ${run}, ${wave}, ${attempt}, ${step}, ${call.key}, ${call.askedMs}::bigint, coalesce(max(round), 0) + 1 from step
        where run = ${run} and wave = ${wave} and attempt = ${attempt} and step = ${step} returning ${columns}`.execute(tx);
      if (begun.rows[0] === undefined) throw new Error(`the ledger did not begin step ${step} of wave ${wave}`);
      return begun.rows[0];
    });
  }

  /** The newest round of a step, ended or not; null before the first. */
  async latest({ run, wave, attempt }: WaveAttempt, step: string): Promise<(StepRow & { readonly endedAt: Date | null }) | null> {
    const { rows } = await sql<StepRow & { readonly endedAt: Date | null }>`select ${columns}, ended_at as "endedAt" from step
      where run = ${run} and wave = ${wave} and attempt = ${attempt} and step = ${step} order by round desc limit 1`.execute(this.#db);
    return rows[0] ?? null;
  }

  /** Ends a round; one that has ended keeps its first end. */
  async end({ run, wave, attempt }: WaveAttempt, step: string, round: number): Promise<void> {
    await sql`update step set ended_at = clock_timestamp() where run = ${run} and wave = ${wave} and attempt = ${attempt}
      and step = ${step} and round = ${round} and ended_at is null`.execute(this.#db);
  }

  /** Writes down how an execution of a child workflow ended; its first end stands. */
  async endChild(run: string, { workflowId, runId }: Execution, ended: unknown): Promise<void> {
    await sql`insert into child_end (workflow, execution, run, ended) values (${workflowId}, ${runId}, ${run}, ${storableJson(ended)}::jsonb) on conflict do nothing`.execute(
      this.#db,
    );
  }

  /**
   * How a child workflow ended, wrapped so that any end is told from none; null while it has not. `runId`: as this execution wrote it, or one that named
   * itself not, as in a release before; without it whichever did so last.
   */
  async childEnd(workflow: string, runId: string | null = null): Promise<{ readonly ended: unknown } | null> {
    const { rows } = await sql<{ ended: unknown }>`select ended from child_end
      where workflow = ${workflow} and (${runId}::text is null or execution in (${runId}, '')) order by execution = ${runId} desc, at desc limit 1`.execute(
      this.#db,
    );
    return rows[0] ?? null;
  }
}
