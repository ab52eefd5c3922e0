import { sql, type Transaction } from 'kysely';
import type { Binding, Desk, Effect, GateOnDesk } from '../domain/gates/binding.ts';
import type { Decision } from '../domain/gates/decision.ts';
import type { WaveState } from '../domain/waves/state.ts';
import { deciding } from './deciding.ts';
import type { Database } from './database.ts';
import { liftHolds, placeHold, placeStop, readStanding } from './holds.ts';
import { storable } from './rows.ts';

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

type Tx = Transaction<unknown>;

const columns = sql`request_id as "requestId", run, verb, gate, attempt, facts_hash as "factsHash", person, role, scope, reason, message_hash as "messageHash", outcome, detail, at`;

/** Decisions people sent, and what they do where they are recorded. */
export class Decisions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Records a decision once and lets it take effect in the same transaction: what it stops is stopped when this returns. `bind` judges it, purely, by
   * what stands behind the locks; `say` puts what it then does into words. A repeat of the request id returns what was stored first, `repeated`.
   */
  async take(
    run: string,
    message: { readonly decision: Decision; readonly hash: string },
    judge: { readonly bind: (desk: Desk) => Binding; readonly say: (effect: Effect, desk: Desk) => string },
  ): Promise<{ readonly row: DecisionRow; readonly repeated: boolean }> {
    return deciding(this.#db, run, 'all', async (tx) => {
      const { decision, hash } = message;
      const before = await find(tx, decision.requestId);
      if (before !== null) return { row: before, repeated: true };
      const desk = await readDesk(tx, run, decision.gate ?? null);
      const binding = judge.bind(desk);
      const gate = binding.accepted && 'gate' in binding.effect ? binding.effect.gate : null;
      const row = await insert(tx, {
        requestId: decision.requestId,
        run,
        verb: decision.verb,
        gate: gate?.gate ?? decision.gate ?? null,
        attempt: gate?.attempt ?? decision.attempt ?? null,
        factsHash: decision.factsHash ?? null,
        person: decision.by,
        role: decision.role,
        scope: decision.scope ?? null,
        reason: decision.reason,
        messageHash: hash,
        outcome: binding.accepted ? 'accepted' : 'refused',
        detail: binding.accepted ? judge.say(binding.effect, desk) : binding.reason,
      });
      if (binding.accepted) await carryOut(tx, run, decision, binding.effect);
      return { row, repeated: false };
    });
  }

  /** Stores a message that was not understood, as refused; a repeat of the request id returns what was stored first. */
  async record(decision: Omit<DecisionRow, 'at'>): Promise<DecisionRow> {
    return this.#db.transaction().execute((tx) => insert(tx, decision));
  }

  async find(requestId: string): Promise<DecisionRow | null> {
    return find(this.#db, requestId);
  }

  /** Decisions of a run in the order they were stored; the accepted ones of one gate attempt where given. */
  async all(run: string, gate: { readonly gate: string; readonly attempt: number } | null = null): Promise<readonly DecisionRow[]> {
    return readDecisions(this.#db, run, gate);
  }
}

/** Decisions of a run, or the accepted ones of one gate attempt, in the order they were stored. */
export async function readDecisions(
  db: Database,
  run: string,
  gate: { readonly gate: string; readonly attempt: number } | null,
): Promise<readonly DecisionRow[]> {
  const which = gate === null ? sql`true` : sql`gate = ${gate.gate} and attempt = ${gate.attempt} and outcome = 'accepted'`;
  const { rows } = await sql<DecisionRow>`select ${columns} from decision where run = ${run} and ${which} order by ordinal`.execute(db);
  return rows;
}

async function find(db: Database, requestId: string): Promise<DecisionRow | null> {
  const { rows } = await sql<DecisionRow>`select ${columns} from decision where request_id = ${requestId}`.execute(db);
  return rows[0] ?? null;
}

async function insert(tx: Tx, decision: Omit<DecisionRow, 'at'>): Promise<DecisionRow> {
  await sql`insert into decision (request_id, run, verb, gate, attempt, facts_hash, person, role, scope, reason, message_hash, outcome, detail)
    values (${decision.requestId}, ${decision.run}, ${decision.verb}, ${decision.gate}, ${decision.attempt}, ${decision.factsHash}, ${decision.person}, ${decision.role}, ${decision.scope},
      ${storable(decision.reason)}, ${decision.messageHash}, ${decision.outcome}, ${storable(decision.detail)}) on conflict (request_id) do nothing`.execute(
    tx,
  );
  const row = await find(tx, decision.requestId);
  if (row === null) throw new Error(`decision ${decision.requestId} could not be stored`);
  return row;
}

/** Reads what a decision is judged by; the newest attempt of the gate it names or, where it names none, of the one opened last. */
async function readDesk(tx: Tx, run: string, gate: string | null): Promise<Desk> {
  const which = gate === null ? sql`state = 'open'` : sql`gate = ${gate}`;
  const gates = await sql<
    Omit<GateOnDesk, 'deadlineMs'> & { readonly deadlineAt: Date | null }
  >`select gate, kind, wave, attempt, facts_hash as "factsHash", state = 'open' as open, shut, deadline_at as "deadlineAt" from gate
    where run = ${run} and ${which} order by opened_at desc, attempt desc limit 1`.execute(tx);
  const waves = await sql<{ name: string; state: WaveState }>`select name, state from wave where run = ${run} order by ordinal`.execute(tx);
  const head = await sql<{
    open: boolean;
    now: Date;
  }>`select state = 'open' as open, clock_timestamp() as now from run where id = ${run}`.execute(tx);
  const [row] = gates.rows;
  return {
    run,
    // Waves are closed all at once, and then nothing stops the end of the run any more.
    runOpen: (head.rows[0]?.open ?? false) && (waves.rows.length === 0 || waves.rows.some(({ state }) => state !== 'closed')),
    gate: row === undefined ? null : { ...row, deadlineMs: row.deadlineAt?.getTime() ?? null },
    waves: waves.rows,
    standing: await readStanding(tx, run),
    nowMs: (head.rows[0]?.now ?? new Date(0)).getTime(),
  };
}

/** What an accepted decision does: a stop verb stops here and now, and the workflow only hears of it. */
async function carryOut(tx: Tx, run: string, { requestId, by, role, reason }: Decision, effect: Effect): Promise<void> {
  const signed = { requestId, person: by, role, reason };
  switch (effect.act) {
    case 'vote':
      return;
    case 'stopGate': {
      const { gate, attempt, kind, wave } = effect.gate;
      await sql`update gate set state = 'noGo', ended_at = clock_timestamp() where run = ${run} and gate = ${gate} and attempt = ${attempt} and state = 'open'`.execute(
        tx,
      );
      if (kind === 'switch') await placeStop(tx, run, { ...signed, verb: 'noGo', scope: wave });
      return;
    }
    case 'hold':
      await placeHold(tx, { run, scope: effect.scope, source: 'person', person: by, role, reason, follows: null, cause: requestId });
      return;
    case 'lift':
      return liftHolds(tx, run, effect.holds, requestId);
    case 'takeBack':
      return placeStop(tx, run, { ...signed, verb: 'rollback', scope: effect.scope });
  }
}
