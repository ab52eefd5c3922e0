import { sql, type Transaction } from 'kysely';
import type { Operation, RowOutcome } from '../contracts/adapter.ts';
import type { Fields } from '../contracts/fields.ts';
import type { EffectStatus } from '../domain/effects/outcome.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';
import { mayWrite, type LaneKind, type WaveState } from '../domain/waves/state.ts';
import type { Database } from './database.ts';
import { seal, unsealFields, unsealImage } from './sealed.ts';

/** One intended write to one record of an outside system (P2). */
export interface NewEffect {
  readonly id: string;
  readonly system: string;
  readonly object: string;
  readonly targetObject: string;
  readonly sourceId: string;
  readonly operation: Operation;
  readonly revision: number;
  readonly contentHash: string;
  readonly fields: Fields;
  /** State and fields before an update, taken once and never replaced. */
  readonly before: SeenRecord | null;
  readonly targetId: string | null;
  /** The crosswalk origin this effect gives the record when it is applied; null where it changes none. */
  readonly origin: 'created' | 'matched' | null;
  /** The effect this one takes back. */
  readonly undoes: string | null;
}

export interface EffectRow extends NewEffect {
  readonly scope: string;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly lane: number;
  readonly status: EffectStatus;
  readonly after: SeenRecord | null;
  readonly reason: string | null;
  readonly intendedAt: Date;
}

/** A call whose receipt is still to come; ages by the ledger's clock (ms). */
export interface OpenCall {
  readonly effect: EffectRow;
  readonly n: number;
  readonly token: number;
  readonly ageMs: number;
  readonly timeoutMs: number;
  /** Ms since the session of this call was confirmed ended; null while it may live. */
  readonly sessionEndedMs: number | null;
}

export interface LaneToken {
  readonly scope: string;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly lane: number;
  readonly token: number;
}

type Row = Omit<EffectRow, 'fields' | 'before' | 'after'> & {
  readonly fields: string;
  readonly before: string | null;
  readonly after: string | null;
};
const columns = sql`e.id, e.scope, e.run, e.wave, e.attempt, e.lane, e.system, e.object, e.target_object as "targetObject", e.source_id as "sourceId", e.operation, e.revision,
  e.content_hash as "contentHash", e.fields, e.before_image as before, e.after_image as after, e.target_id as "targetId", e.origin, e.status, e.undoes, e.reason, e.intended_at as "intendedAt"`;
const unseal = (row: Row): EffectRow => ({
  ...row,
  fields: unsealFields(row.fields),
  before: row.before === null ? null : unsealImage(row.before),
  after: row.after === null ? null : unsealImage(row.after),
});

type Tx = Transaction<unknown>;

interface Settlement {
  readonly id: string;
  readonly n: number;
  readonly outcome: 'applied' | 'unchanged' | 'rejected' | 'absent' | 'ambiguous';
  readonly targetId: string | null;
  readonly reason: string | null;
}

/** Effects, their calls and their receipts. */
export class Effects {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The intent transaction: proves the lane's token, writes intents with their before-images and opens one call each.
   * Returns the effects whose call was opened, or `fenced`. An effect that is open, or settled as applied, opens no further call.
   */
  async intend(
    lane: LaneToken,
    effects: readonly NewEffect[],
    timeoutMs: number,
  ): Promise<readonly { readonly id: string; readonly n: number }[] | 'fenced'> {
    return this.#db.transaction().execute(async (tx) => {
      const held =
        await sql`update lane set last_intent_at = clock_timestamp() where id = ${lane.lane} and token = ${lane.token} returning 1`.execute(
          tx,
        );
      if (held.rows.length === 0) return 'fenced';
      const opened: { id: string; n: number }[] = [];
      for (const effect of effects) {
        const n = await this.#open(tx, lane, effect, timeoutMs);
        if (n !== null) opened.push({ id: effect.id, n });
      }
      return opened;
    });
  }

  async #open(tx: Tx, lane: LaneToken, effect: NewEffect, timeoutMs: number): Promise<number | null> {
    await sql`insert into effect (id, scope, run, wave, attempt, lane, system, object, target_object, source_id, operation, revision, content_hash, fields, before_image, target_id, origin, undoes, status)
      values (${effect.id}, ${lane.scope}, ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.lane}, ${effect.system}, ${effect.object}, ${effect.targetObject}, ${effect.sourceId},
        ${effect.operation}, ${effect.revision}, ${effect.contentHash}, ${seal(effect.fields)}, ${effect.before === null ? null : seal(effect.before)}, ${effect.targetId}, ${effect.origin}, ${effect.undoes}, 'absent')
      on conflict do nothing`.execute(tx);
    const { rows } = await sql<{
      status: EffectStatus;
      hash: string;
      last: number;
    }>`select e.status, e.content_hash as hash, coalesce((select max(n) from call c where c.effect = e.id), 0) as last
      from effect e where e.id = ${effect.id} for update`.execute(tx);
    const row = rows[0];
    if (!row || row.hash !== effect.contentHash || (row.status !== 'absent' && row.status !== 'rejected')) return null;
    const busy =
      await sql`select 1 from effect o where o.scope = ${lane.scope} and o.system = ${effect.system} and o.target_object = ${effect.targetObject} and o.source_id = ${effect.sourceId}
      and o.id <> ${effect.id} and o.status in ('intended', 'unknown')`.execute(tx);
    if (busy.rows.length > 0) return null;
    await sql`update effect set status = 'intended', reason = null, intended_at = clock_timestamp() where id = ${effect.id}`.execute(tx);
    await sql`insert into call (effect, n, token, timeout_ms) values (${effect.id}, ${row.last + 1}, ${lane.token}, ${timeoutMs})`.execute(
      tx,
    );
    return row.last + 1;
  }

  /**
   * The receipt transaction: one receipt per record, insert-only; the crosswalk follows where the call was still open. Returns how many came late.
   * `asBatch`: the rows were refused for one of them, so that no single refusal may count against its record.
   */
  async receive(lane: LaneToken, outcomes: readonly { readonly n: number; readonly row: RowOutcome }[], asBatch: boolean): Promise<number> {
    return this.#db.transaction().execute(async (tx) => {
      let late = 0;
      for (const { n, row } of outcomes) late += (await this.#receive(tx, lane, n, row, asBatch)) ? 0 : 1;
      return late;
    });
  }

  async #receive(tx: Tx, lane: LaneToken, n: number, row: RowOutcome, asBatch: boolean): Promise<boolean> {
    const id = 'id' in row ? row.id : null;
    const message = 'message' in row ? row.message : null;
    await sql`insert into receipt (effect, n, outcome, target_id, kind, message) values (${row.effectId}, ${n}, ${row.outcome}, ${id}, ${'kind' in row ? (asBatch ? 'batch' : row.kind) : null}, ${message})`.execute(
      tx,
    );
    if (row.outcome === 'unknown') {
      await sql`update effect set status = 'unknown', reason = ${message} where id = ${row.effectId} and status = 'intended'`.execute(tx);
      return true;
    }
    const { rows } = await sql<{
      state: WaveState;
      kind: LaneKind;
      attempt: number;
    }>`select w.state, w.attempt, l.kind from lane l join wave w on w.run = l.run and w.name = l.wave
      where l.id = ${lane.lane} for share of w`.execute(tx);
    const at = rows[0];
    const inTime = at !== undefined && at.attempt === lane.attempt && mayWrite(at.state, at.kind);
    const settled = await this.#settle(tx, { id: row.effectId, n, outcome: row.outcome, targetId: id, reason: message }, inTime);
    if (id === null || settled === 'followed') return true;
    await sql`insert into late (run, wave, effect, n, target_id) values (${lane.run}, ${lane.wave}, ${row.effectId}, ${n}, ${id})`.execute(
      tx,
    );
    return false;
  }

  /**
   * Closes call n and moves the effect on. `followed`: the crosswalk says the same as the receipt; `late`: the call was closed before,
   * the wave has moved on, or the crosswalk holds another id.
   */
  async #settle(tx: Tx, end: Settlement, mayFollow: boolean): Promise<'followed' | 'late'> {
    const closed =
      await sql`update call set closed = ${end.outcome}, closed_at = clock_timestamp() where effect = ${end.id} and n = ${end.n} and closed is null returning 1`.execute(
        tx,
      );
    if (closed.rows.length === 0) return 'late';
    const { rows } =
      await sql<Row>`update effect e set status = ${end.outcome}, target_id = coalesce(${end.targetId}, target_id), reason = ${end.reason} where id = ${end.id} returning ${columns}`.execute(
        tx,
      );
    const effect = rows[0];
    if (!effect || (end.outcome !== 'applied' && end.outcome !== 'unchanged') || effect.targetId === null) return 'followed';
    if (!mayFollow) return 'late';
    return (await this.#follow(tx, effect, effect.targetId)) ? 'followed' : 'late';
  }

  /** Brings the crosswalk in line with an applied effect; false where it holds another target id. */
  async #follow(tx: Tx, effect: Row, targetId: string): Promise<boolean> {
    const mine = sql`scope = ${effect.scope} and object = ${effect.object} and source_id = ${effect.sourceId} and system = ${effect.system} and state <> 'retired'`;
    if (effect.operation === 'delete') {
      await sql`update crosswalk set state = 'retired' where ${mine} and target_id = ${targetId}`.execute(tx);
    } else if (effect.operation === 'reactivate' || (effect.operation === 'deactivate' && effect.undoes !== null)) {
      // A record retired after the switch stays the one its source means; only an undo takes it out of use.
      await sql`update crosswalk set state = ${effect.operation === 'deactivate' ? 'deactivated' : 'live'}, live_effect = ${effect.id} where ${mine} and target_id = ${targetId}`.execute(
        tx,
      );
    } else if (effect.origin !== null) {
      const kept =
        await sql`insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
        values (${effect.scope}, ${effect.object}, ${effect.sourceId}, ${effect.system}, ${effect.targetObject}, ${targetId}, ${effect.origin}, ${effect.id}, ${effect.contentHash}, ${effect.run}, ${effect.wave})
        on conflict (scope, object, source_id, system) where state <> 'retired' do update set live_effect = excluded.live_effect, content_hash = excluded.content_hash, state = 'live'
        where crosswalk.target_id = excluded.target_id returning 1`.execute(tx);
      return kept.rows.length > 0;
    } else if (effect.operation === 'update' && effect.undoes === null) {
      // Only a load brings the content of the source; a switch writes the pointer beside it.
      await sql`update crosswalk set live_effect = ${effect.id}, content_hash = ${effect.contentHash} where ${mine} and target_id = ${targetId}
        and exists (select 1 from lane where id = ${effect.lane} and kind = 'load')`.execute(tx);
    }
    return true;
  }

  /** A verdict reached by reading the target, for the call that was open when the read began; `mayFollow` lets the crosswalk follow it. */
  async judge(
    id: string,
    n: number,
    verdict: 'applied' | 'absent' | 'ambiguous',
    targetId: string | null,
    reason: string | null,
    mayFollow: boolean,
  ): Promise<boolean> {
    return this.#db
      .transaction()
      .execute(async (tx) => (await this.#settle(tx, { id, n, outcome: verdict, targetId, reason }, mayFollow)) === 'followed');
  }

  /** Calls without a closing receipt or verdict, of one lane or a whole wave. */
  async openCalls(of: { readonly lane: number } | { readonly run: string; readonly wave: string }): Promise<readonly OpenCall[]> {
    const which = 'lane' in of ? sql`e.lane = ${of.lane}` : sql`e.run = ${of.run} and e.wave = ${of.wave}`;
    const { rows } = await sql<Row & { n: number; token: number; ageMs: number; timeoutMs: number; sessionEndedMs: number | null }>`
      select ${columns}, c.n, c.token, c.timeout_ms as "timeoutMs", (extract(epoch from clock_timestamp() - c.intended_at) * 1000)::float8 as "ageMs",
        (select (extract(epoch from clock_timestamp() - s.ended_at) * 1000)::float8 from claim s where s.lane = e.lane and s.token = c.token and s.system = e.system) as "sessionEndedMs"
      from call c join effect e on e.id = c.effect where c.closed is null and ${which} order by e.ordinal`.execute(this.#db);
    return rows.map(({ n, token, ageMs, timeoutMs, sessionEndedMs, ...row }) => ({
      effect: unseal(row),
      n,
      token,
      ageMs,
      timeoutMs,
      sessionEndedMs,
    }));
  }

  /** Effects of a wave, in the order they were intended; `open` ones included. */
  async ofWave(run: string, wave: string, attempt: number): Promise<readonly EffectRow[]> {
    const { rows } =
      await sql<Row>`select ${columns} from effect e where e.run = ${run} and e.wave = ${wave} and e.attempt = ${attempt} order by e.ordinal`.execute(
        this.#db,
      );
    return rows.map(unseal);
  }

  async ofLane(lane: number): Promise<readonly EffectRow[]> {
    const { rows } = await sql<Row>`select ${columns} from effect e where e.lane = ${lane} order by e.ordinal`.execute(this.#db);
    return rows.map(unseal);
  }

  /** All applied effects on these records, oldest first, of any wave or run. */
  async history(scope: string, system: string, object: string, keys: readonly string[]): Promise<readonly EffectRow[]> {
    const { rows } =
      await sql<Row>`select ${columns} from effect e where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${keys})
      and e.status in ('applied', 'unchanged', 'undone', 'kept', 'irreversible') order by e.ordinal`.execute(this.#db);
    return rows.map(unseal);
  }

  /** The effect with the highest revision on a record in a system, whatever became of it; null before the first. */
  async last(scope: string, system: string, object: string, sourceId: string): Promise<EffectRow | null> {
    const { rows } =
      await sql<Row>`select ${columns} from effect e where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = ${sourceId} order by e.revision desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ? unseal(rows[0]) : null;
  }

  /** Stores after-images: the records as read back. */
  async setAfter(images: readonly { readonly id: string; readonly after: SeenRecord }[]): Promise<void> {
    for (const image of images) await sql`update effect set after_image = ${seal(image.after)} where id = ${image.id}`.execute(this.#db);
  }

  /** The end of an effect that rollback dealt with. */
  async setEnd(id: string, status: 'undone' | 'kept' | 'irreversible', reason: string): Promise<void> {
    await sql`update effect set status = ${status}, reason = ${reason} where id = ${id}`.execute(this.#db);
  }

  /** A search found a record of this effect standing after all: it counts as applied there, until it is undone. */
  async reopen(id: string, targetId: string): Promise<void> {
    await sql`update effect set status = 'applied', target_id = ${targetId}, after_image = null, reason = 'found by the search after a rollback' where id = ${id}`.execute(
      this.#db,
    );
  }

  /** Late rows still to be dealt with. */
  async late(
    run: string,
    wave: string,
  ): Promise<readonly { readonly id: number; readonly effect: EffectRow; readonly targetId: string }[]> {
    const { rows } = await sql<
      Row & { late: number; found: string }
    >`select ${columns}, t.id as late, t.target_id as found from late t join effect e on e.id = t.effect where t.run = ${run} and t.wave = ${wave} and t.state = 'open'`.execute(
      this.#db,
    );
    return rows.map(({ late, found, ...row }) => ({ id: late, effect: unseal(row), targetId: found }));
  }

  async closeLate(id: number, note: string): Promise<void> {
    await sql`update late set state = 'closed', note = ${note} where id = ${id}`.execute(this.#db);
  }
}
