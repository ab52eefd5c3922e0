import { sql, type Transaction } from 'kysely';
import { decideOpening, type GateEnded, type Opening } from '../domain/gates/opening.ts';
import { votesIn } from '../domain/gates/quorum.ts';
import type { Beginning } from '../domain/gates/stops.ts';
import type { GateFacts } from '../domain/gates/worse.ts';
import type { Role } from '../domain/plan/names.ts';
import type { GateKind } from '../domain/plan/rights.ts';
import { Overtaken } from '../domain/waves/moved-on.ts';
import { isBehind, type Call } from './asked.ts';
import { deciding } from './deciding.ts';
import { readDecisions } from './decisions.ts';
import type { Database } from './database.ts';
import { readStanding } from './holds.ts';
import { storableJson } from './rows.ts';

export interface GateRow {
  readonly run: string;
  readonly gate: string;
  readonly kind: GateKind;
  readonly attempt: number;
  readonly wave: string;
  /** Attempt of the wave it was opened for. */
  readonly waveAttempt: number;
  readonly state: 'open' | GateEnded;
  readonly facts: GateFacts;
  readonly factsHash: string;
  readonly shut: readonly string[];
  readonly notices: readonly string[];
  readonly openedAt: Date;
  /** When its evidence was measured last. */
  readonly measuredAt: Date;
  readonly deadlineAt: Date | null;
  readonly validUntil: Date;
  readonly endedAt: Date | null;
  /** The ledger's clock when the row was read: deadline and validity are judged by it. */
  readonly now: Date;
}

/** How a gate attempt stands, without its evidence. */
export type GateEnd = Pick<GateRow, 'state' | 'waveAttempt' | 'openedAt'>;

/** Which attempt of which gate. */
export type GateAttempt = Pick<GateRow, 'run' | 'gate' | 'attempt'>;

type Tx = Transaction<unknown>;

const columns = sql`run, gate, kind, attempt, wave, wave_attempt as "waveAttempt", state, facts, facts_hash as "factsHash", shut, notices, opened_at as "openedAt",
  measured_at as "measuredAt", deadline_at as "deadlineAt", valid_until as "validUntil", ended_at as "endedAt", clock_timestamp() as now`;

/** Gates with their evidence. */
export class Gates {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Opens the next attempt of a gate; the ledger allots the number and supersedes an attempt still open. Deadline and validity are Ms from now. `call`
   * names who asks: what the same call has opened already is returned as it is, and so is what a later call of another execution has. The trail tells of
   * what is opened, once.
   */
  async open(
    gate: Pick<GateRow, 'run' | 'gate' | 'kind' | 'wave' | 'waveAttempt' | 'facts' | 'factsHash' | 'shut' | 'notices'> & {
      readonly deadlineMs: number | null;
      readonly validityMs: number;
      readonly call: string;
      readonly askedMs?: number;
    },
  ): Promise<GateRow> {
    return deciding(this.#db, gate.run, [], async (tx) => {
      const askedMs = gate.askedMs ?? null;
      const opened =
        await sql<GateRow>`select ${columns} from gate where run = ${gate.run} and gate = ${gate.gate} and ${isBehind(sql`opened_by`, { key: gate.call, askedMs })}
          order by attempt desc limit 1`.execute(tx);
      if (opened.rows[0] !== undefined) return opened.rows[0];
      await sql`update gate set state = 'superseded', ended_at = clock_timestamp() where run = ${gate.run} and gate = ${gate.gate} and state = 'open'`.execute(
        tx,
      );
      const { rows } =
        await sql<GateRow>`insert into gate (run, gate, kind, attempt, wave, wave_attempt, facts, facts_hash, shut, notices, opened_by, asked_ms, deadline_at, valid_until)
        select ${gate.run}, ${gate.gate}, ${gate.kind}, coalesce(max(attempt), 0) + 1, ${gate.wave}, ${gate.waveAttempt}::int, ${storableJson(gate.facts)}::jsonb, ${gate.factsHash}, ${gate.shut}, ${gate.notices}, ${gate.call}, ${askedMs}::bigint,
          clock_timestamp() + make_interval(secs => ${gate.deadlineMs === null ? null : gate.deadlineMs / 1000}::float8), clock_timestamp() + make_interval(secs => ${gate.validityMs / 1000})
        from gate where run = ${gate.run} and gate = ${gate.gate} returning ${columns}`.execute(tx);
      const row = rows[0];
      if (!row) throw new Error(`gate ${gate.gate} could not be opened`);
      await note(tx, row, 'gateOpened', { shut: gate.shut.length });
      return row;
    });
  }

  /**
   * The attempt of a gate that is open now, which the execution of this call goes on with: from then on it is asked for by it, and what an execution
   * before it had asked for neither replaces nor leaves it.
   */
  async takeUp(run: string, gate: string, { key, askedMs }: Call): Promise<GateRow | null> {
    return deciding(this.#db, run, [], async (tx) => {
      const row = await latest(tx, run, gate);
      if (row?.state !== 'open') return null;
      // What this execution has opened itself stays known by the call that opened it.
      await sql`update gate set opened_by = ${key}, asked_ms = ${askedMs}::bigint where run = ${run} and gate = ${gate} and attempt = ${row.attempt}
        and split_part(coalesce(opened_by, ''), '/', 1) <> split_part(${key}, '/', 1) and (asked_ms is null or asked_ms <= ${askedMs}::bigint)`.execute(
        tx,
      );
      return row;
    });
  }

  async latest(run: string, gate: string): Promise<GateRow | null> {
    return latest(this.#db, run, gate);
  }

  /** Attempts that are open now, oldest first. */
  async openOf(run: string): Promise<readonly GateRow[]> {
    return (await this.all(run)).filter((row) => row.state === 'open');
  }

  async all(run: string): Promise<readonly GateRow[]> {
    const { rows } = await sql<GateRow>`select ${columns} from gate where run = ${run} order by opened_at, attempt`.execute(this.#db);
    return rows;
  }

  /** How the newest attempt of each gate of a run stands, by gate. */
  async newest(run: string): Promise<ReadonlyMap<string, GateEnd>> {
    const { rows } = await sql<
      GateEnd & { readonly gate: string }
    >`select distinct on (gate) gate, state, wave_attempt as "waveAttempt", opened_at as "openedAt"
      from gate where run = ${run} order by gate, attempt desc`.execute(this.#db);
    return new Map(rows.map(({ gate, ...end }) => [gate, end]));
  }

  /**
   * Lets the run through an attempt, or says why not (P5, P12). Binding, attempt, quorum and last what stands against it are read behind the locks
   * that every stop verb takes first, so that one which was committed before always wins. What ends the attempt is written in the same transaction.
   * `readAt` as for `end`.
   */
  async letThrough({ run, gate, attempt }: GateAttempt, roles: readonly Role[], readAt: Date | null = null): Promise<Opening> {
    return deciding(this.#db, run, 'all', async (tx) => {
      await refuseOlder(tx, { run, gate, attempt }, readAt);
      const opening = await judge(tx, { run, gate, attempt }, roles);
      if (opening.act === 'open') await end(tx, { run, gate, attempt }, 'go', 'quorum met');
      if (opening.act === 'end') await end(tx, { run, gate, attempt }, opening.end, opening.detail);
      return opening;
    });
  }

  /** Notes that the evidence of an attempt was measured again, from `readAt` on, and led to no new attempt. */
  async noteMeasured({ run, gate, attempt }: GateAttempt, readAt: Date): Promise<void> {
    await sql`update gate set measured_at = greatest(measured_at, ${readAt}::timestamptz) where run = ${run} and gate = ${gate} and attempt = ${attempt}`.execute(
      this.#db,
    );
  }

  /** Ends the open gates of a wave (null: of the run) whose decision no longer matters. */
  async stop(run: string, wave: string | null): Promise<void> {
    await sql`update gate set state = 'moot', ended_at = clock_timestamp() where run = ${run} and (${wave}::text is null or wave = ${wave}) and state = 'open'`.execute(
      this.#db,
    );
  }

  /**
   * Ends a gate attempt, if it is open, and returns how it ended: a no-go or another end that came first stands. The trail tells of the end, once, with
   * this detail. `readAt`: when the measurement began that it is ended for. Rejects with Overtaken where a newer one was noted.
   */
  async end(attempt: GateAttempt, state: GateEnded, detail: string, readAt: Date | null = null): Promise<GateEnded> {
    return deciding(this.#db, attempt.run, [], async (tx) => {
      await refuseOlder(tx, attempt, readAt);
      await end(tx, attempt, state, detail);
      const { rows } = await sql<{
        state: GateEnded;
      }>`select state from gate where run = ${attempt.run} and gate = ${attempt.gate} and attempt = ${attempt.attempt}`.execute(tx);
      return rows[0]?.state ?? state;
    });
  }

  /**
   * Ends an attempt that nobody will decide any more, or tells that one whose evidence got worse was the last. Nothing where a later call of another
   * execution goes on with it: whoever asks was ended.
   */
  async leave(attempt: GateAttempt, state: 'exhausted' | 'moot', detail: string, { key, askedMs }: Call): Promise<void> {
    const { run, gate, attempt: number } = attempt;
    await deciding(this.#db, run, [], async (tx) => {
      const { rows } = await sql<{
        wave: string;
        state: GateRow['state'];
        isTaken: boolean;
      }>`select wave, state, coalesce(opened_by <> ${key} and ${isBehind(sql`opened_by`, { key, askedMs })}, false) as "isTaken" from gate
        where run = ${run} and gate = ${gate} and attempt = ${number}`.execute(tx);
      const [row] = rows;
      if (row === undefined || row.isTaken) return;
      if (row.state === 'open') await end(tx, attempt, state, detail);
      if (row.state !== 'remeasure' || state !== 'exhausted') return;
      const told = await sql`select 1 from audit_event where run = ${run} and kind = 'gateEnded' and detail->>'gate' = ${gate}
        and detail->'attempt' = to_jsonb(${number}::int) and detail->>'state' = ${state}`.execute(tx);
      if (told.rows.length === 0) await note(tx, { ...attempt, wave: row.wave }, 'gateEnded', { state, detail });
    });
  }
}

/** Tells of a gate in the trail, in the transaction that changed it. */
async function note(
  tx: Tx,
  { run, gate, attempt, wave }: Pick<GateRow, 'run' | 'gate' | 'attempt' | 'wave'>,
  kind: string,
  detail: object,
): Promise<void> {
  await sql`insert into audit_event (run, wave, kind, detail) values (${run}, ${wave}, ${kind}, ${storableJson({ gate, attempt, ...detail })}::jsonb)`.execute(
    tx,
  );
}

async function latest(db: Database, run: string, gate: string): Promise<GateRow | null> {
  const { rows } =
    await sql<GateRow>`select ${columns} from gate where run = ${run} and gate = ${gate} order by attempt desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** The ledger's instants are finer than those that came from it. */
async function refuseOlder(tx: Tx, { run, gate, attempt }: GateAttempt, readAt: Date | null): Promise<void> {
  const { rows } = await sql<{ wave: string }>`select wave from gate where run = ${run} and gate = ${gate} and attempt = ${attempt}
    and state = 'open' and date_trunc('milliseconds', measured_at) > ${readAt}::timestamptz`.execute(tx);
  if (rows[0] !== undefined) throw new Overtaken(rows[0].wave, 'judge');
}

async function end(tx: Tx, { run, gate, attempt }: GateAttempt, state: GateEnded, detail: string): Promise<void> {
  const { rows } = await sql<{
    wave: string;
  }>`update gate set state = ${state}, ended_at = clock_timestamp() where run = ${run} and gate = ${gate} and attempt = ${attempt} and state = 'open'
    returning wave`.execute(tx);
  if (rows[0] !== undefined) await note(tx, { run, gate, attempt, wave: rows[0].wave }, 'gateEnded', { state, detail });
}

/** What begins behind each kind of gate. */
const beginsBehind: Readonly<Record<GateKind, Beginning>> = { baseline: 'wave', switch: 'switch', retry: 'attempt', close: 'close' };

/** Reads everything an opening is decided by, what stands last, and decides. */
async function judge(tx: Tx, { run, gate, attempt }: GateAttempt, roles: readonly Role[]): Promise<Opening> {
  const newest = await latest(tx, run, gate);
  const { rows } = await sql<GateRow>`select ${columns} from gate where run = ${run} and gate = ${gate} and attempt = ${attempt}`.execute(
    tx,
  );
  const [row] = rows;
  if (row === undefined || newest === null) return { act: 'ended', state: 'superseded' };
  const votes = (await readDecisions(tx, run, { gate, attempt })).filter(
    ({ verb, factsHash }) => verb !== 'go' || factsHash === row.factsHash,
  );
  const at = await sql<{
    attempt: number;
    open: boolean;
  }>`select w.attempt, r.state = 'open' as open from wave w join run r on r.id = w.run where w.run = ${run} and w.name = ${row.wave}`.execute(
    tx,
  );
  return decideOpening({
    runOpen: at.rows[0]?.open ?? false,
    attempt,
    newest: newest.attempt,
    state: row.state,
    shut: row.shut,
    wave: row.kind === 'close' ? null : row.wave,
    waveAttempt: row.waveAttempt,
    currentAttempt: at.rows[0]?.attempt ?? 0,
    begins: beginsBehind[row.kind],
    roles,
    votes: votesIn(votes),
    deadlineMs: row.deadlineAt?.getTime() ?? null,
    validUntilMs: row.validUntil.getTime(),
    nowMs: row.now.getTime(),
    standing: await readStanding(tx, run),
  });
}
