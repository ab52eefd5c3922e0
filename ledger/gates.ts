import { sql, type Transaction } from 'kysely';
import type { GateFacts } from '../domain/gates/worse.ts';
import type { Database } from './database.ts';

export interface GateRow {
  readonly run: string;
  readonly gate: string;
  readonly attempt: number;
  readonly wave: string;
  readonly state: 'open' | 'go' | 'noGo' | 'expired' | 'lapsed' | 'superseded' | 'stopped';
  readonly facts: GateFacts;
  readonly factsHash: string;
  readonly shut: readonly string[];
  readonly notices: readonly string[];
  readonly openedAt: Date;
  readonly deadlineAt: Date | null;
  readonly validUntil: Date;
  readonly endedAt: Date | null;
  /** The ledger's clock when the row was read: deadline and validity are judged by it. */
  readonly now: Date;
}

export interface DecisionRow {
  readonly requestId: string;
  readonly run: string;
  readonly verb: string;
  readonly gate: string | null;
  readonly attempt: number | null;
  readonly factsHash: string | null;
  readonly person: string;
  readonly role: string | null;
  readonly scope: string | null;
  readonly reason: string;
  readonly messageHash: string;
  readonly outcome: 'accepted' | 'refused';
  readonly detail: string;
  readonly at: Date;
}

const gateColumns = sql`run, gate, attempt, wave, state, facts, facts_hash as "factsHash", shut, notices, opened_at as "openedAt", deadline_at as "deadlineAt", valid_until as "validUntil", ended_at as "endedAt", clock_timestamp() as now`;
const decisionColumns = sql`request_id as "requestId", run, verb, gate, attempt, facts_hash as "factsHash", person, role, scope, reason, message_hash as "messageHash", outcome, detail, at`;

/** Gates with their evidence, and the decisions people sent. */
export class Gates {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Opens the next attempt of a gate; the ledger allots the number and supersedes an attempt still open. Deadline and validity are Ms from now. */
  async open(gate: {
    readonly run: string;
    readonly gate: string;
    readonly wave: string;
    readonly facts: GateRow['facts'];
    readonly factsHash: string;
    readonly shut: readonly string[];
    readonly notices: readonly string[];
    readonly deadlineMs: number | null;
    readonly validityMs: number;
  }): Promise<GateRow> {
    return this.#db.transaction().execute(async (tx) => {
      await sql`select 1 from run where id = ${gate.run} for update`.execute(tx);
      await sql`update gate set state = 'superseded', ended_at = clock_timestamp() where run = ${gate.run} and gate = ${gate.gate} and state = 'open'`.execute(
        tx,
      );
      const { rows } =
        await sql<GateRow>`insert into gate (run, gate, attempt, wave, facts, facts_hash, shut, notices, deadline_at, valid_until)
        select ${gate.run}, ${gate.gate}, coalesce(max(attempt), 0) + 1, ${gate.wave}, ${JSON.stringify(gate.facts)}::jsonb, ${gate.factsHash}, ${gate.shut}, ${gate.notices},
          clock_timestamp() + make_interval(secs => ${gate.deadlineMs === null ? null : gate.deadlineMs / 1000}::float8), clock_timestamp() + make_interval(secs => ${gate.validityMs / 1000})
        from gate where run = ${gate.run} and gate = ${gate.gate} returning ${gateColumns}`.execute(tx);
      const row = rows[0];
      if (!row) throw new Error(`gate ${gate.gate} could not be opened`);
      return row;
    });
  }

  async latest(run: string, gate: string): Promise<GateRow | null> {
    const { rows } =
      await sql<GateRow>`select ${gateColumns} from gate where run = ${run} and gate = ${gate} order by attempt desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ?? null;
  }

  /** Attempts that are open now, oldest first. */
  async openOf(run: string): Promise<readonly GateRow[]> {
    return (await this.all(run)).filter((row) => row.state === 'open');
  }

  async all(run: string): Promise<readonly GateRow[]> {
    const { rows } = await sql<GateRow>`select ${gateColumns} from gate where run = ${run} order by opened_at, attempt`.execute(this.#db);
    return rows;
  }

  /**
   * Opens the way: ends an attempt as `go`, unless a stop verb stands that was accepted since it opened. Those are read last (P5), and nobody
   * can store one meanwhile. Null where it went; else the stop verb that stands.
   */
  async go({ run, gate, attempt, wave, openedAt }: GateRow): Promise<string | null> {
    return this.#db.transaction().execute(async (tx) => {
      await sql`select 1 from run where id = ${run} for update`.execute(tx);
      const { rows } = await sql<{ verb: string }>`select verb from decision d where run = ${run} and outcome = 'accepted' and (
          (verb = 'hold' and not exists (select 1 from decision r where r.run = d.run and r.verb = 'resume' and r.outcome = 'accepted' and r.ordinal > d.ordinal))
          or (verb = 'rollback' and scope in ('run', ${wave}) and at > ${openedAt})) order by ordinal desc limit 1`.execute(tx);
      if (rows[0] !== undefined) return rows[0].verb;
      await sql`update gate set state = 'go', ended_at = clock_timestamp() where run = ${run} and gate = ${gate} and attempt = ${attempt} and state = 'open'`.execute(
        tx,
      );
      return null;
    });
  }

  /** Ends the open gates of a wave (null: of the run) whose decision no longer matters. */
  async stop(run: string, wave: string | null): Promise<void> {
    await sql`update gate set state = 'stopped', ended_at = clock_timestamp() where run = ${run} and (${wave}::text is null or wave = ${wave}) and state = 'open'`.execute(
      this.#db,
    );
  }

  /** Ends a gate attempt; only an open one. */
  async end(run: string, gate: string, attempt: number, state: Exclude<GateRow['state'], 'open'>): Promise<void> {
    await sql`update gate set state = ${state}, ended_at = clock_timestamp() where run = ${run} and gate = ${gate} and attempt = ${attempt} and state = 'open'`.execute(
      this.#db,
    );
  }

  /** Stores a decision and its verdict once; a repeat of the request id returns what was stored first. */
  async record(decision: Omit<DecisionRow, 'at'>): Promise<DecisionRow> {
    return this.#db.transaction().execute(async (tx) => {
      await sql`select 1 from run where id = ${decision.run} for share`.execute(tx);
      return this.#record(tx, decision);
    });
  }

  async #record(tx: Transaction<unknown>, decision: Omit<DecisionRow, 'at'>): Promise<DecisionRow> {
    await sql`insert into decision (request_id, run, verb, gate, attempt, facts_hash, person, role, scope, reason, message_hash, outcome, detail)
      values (${decision.requestId}, ${decision.run}, ${decision.verb}, ${decision.gate}, ${decision.attempt}, ${decision.factsHash}, ${decision.person}, ${decision.role}, ${decision.scope},
        ${decision.reason}, ${decision.messageHash}, ${decision.outcome}, ${decision.detail}) on conflict (request_id) do nothing`.execute(
      tx,
    );
    const { rows } = await sql<DecisionRow>`select ${decisionColumns} from decision where request_id = ${decision.requestId}`.execute(tx);
    const row = rows[0];
    if (!row) throw new Error(`decision ${decision.requestId} could not be stored`);
    return row;
  }

  async decision(requestId: string): Promise<DecisionRow | null> {
    const { rows } = await sql<DecisionRow>`select ${decisionColumns} from decision where request_id = ${requestId}`.execute(this.#db);
    return rows[0] ?? null;
  }

  /** Decisions of a run in the order they were stored; those of one gate attempt where given. */
  async decisions(run: string, gate: { readonly gate: string; readonly attempt: number } | null = null): Promise<readonly DecisionRow[]> {
    const which = gate === null ? sql`true` : sql`gate = ${gate.gate} and attempt = ${gate.attempt} and outcome = 'accepted'`;
    const { rows } =
      await sql<DecisionRow>`select ${decisionColumns} from decision where run = ${run} and ${which} order by ordinal`.execute(this.#db);
    return rows;
  }
}
