import { sql } from 'kysely';
import type { ExceptionKind } from '../domain/exceptions/kind.ts';
import { stands } from './crosswalk-row.ts';
import type { Database } from './database.ts';
import { tableOf } from './rows.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';

export interface ExceptionRow {
  readonly id: number;
  readonly wave: string;
  readonly object: string;
  readonly sourceId: string;
  readonly account: string | null;
  readonly kind: ExceptionKind;
  readonly message: string;
  readonly candidates: readonly string[];
  readonly state: 'open' | 'signedOff' | 'closed';
  readonly openedAt: Date;
}

export interface NewException {
  readonly object: string;
  readonly sourceId: string;
  readonly account: string | null;
  readonly kind: ExceptionKind;
  readonly message: string;
  readonly candidates?: readonly string[];
}

/** What an open exception says about the account of its record. */
export interface AccountException extends Pick<ExceptionRow, 'wave' | 'object' | 'sourceId' | 'kind' | 'openedAt'> {
  readonly account: string;
}

const columns = sql`id, wave, object, source_id as "sourceId", account, kind, message, candidates, state, opened_at as "openedAt"`;

/** Records a person must look at; never guessed away. */
export class Exceptions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Opens exceptions as `openExceptions` does. */
  async open(run: string, wave: string, exceptions: readonly NewException[]): Promise<void> {
    await openExceptions(this.#db, run, wave, exceptions);
  }

  /**
   * The same for what a claim of a lane found, while no other has taken it: a later claim looks anew, and what it finds is not to be overwritten. Says
   * what took the lane's token where it is gone: then nothing is opened.
   */
  async openByLane(lane: LaneToken, exceptions: readonly NewException[]): Promise<'held' | 'fenced' | null> {
    if (exceptions.length === 0) return null;
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss === null) await openExceptions(tx, lane.run, lane.wave, exceptions);
      return loss;
    });
  }

  async ofRun(run: string): Promise<readonly ExceptionRow[]> {
    const { rows } = await sql<ExceptionRow>`select ${columns} from exception where run = ${run} order by id`.execute(this.#db);
    return rows;
  }

  /** Open exceptions of a run; of one wave and of some kinds only, where they are given. */
  async openOf(run: string, wave: string | null = null, kinds: readonly ExceptionKind[] | null = null): Promise<readonly ExceptionRow[]> {
    const some = kinds === null ? sql`true` : sql`kind = any(${[...kinds]})`;
    const { rows } =
      await sql<ExceptionRow>`select ${columns} from exception where run = ${run} and state = 'open' and (${wave}::text is null or wave = ${wave}) and ${some} order by id`.execute(
        this.#db,
      );
    return rows;
  }

  /** Open exceptions of some kinds about these accounts, or (null) about any, oldest first. */
  async ofAccounts(run: string, accounts: readonly string[] | null, kinds: readonly ExceptionKind[]): Promise<readonly AccountException[]> {
    if (accounts?.length === 0) return [];
    const some = accounts === null ? sql`account is not null` : sql`account = any(${[...accounts]})`;
    const { rows } =
      await sql<AccountException>`select wave, object, source_id as "sourceId", account, kind, opened_at as "openedAt" from exception
      where run = ${run} and state = 'open' and kind = any(${[...kinds]}) and ${some} order by id`.execute(this.#db);
    return rows;
  }

  /** Records with an open exception, each once: those of these accounts and of none, or (null) all. */
  async recordsOpen(run: string, accounts: readonly string[] | null): Promise<readonly Pick<ExceptionRow, 'object' | 'sourceId'>[]> {
    const some = accounts === null ? sql`true` : sql`(account is null or account = any(${[...accounts]}))`;
    const { rows } = await sql<Pick<ExceptionRow, 'object' | 'sourceId'>>`select distinct object, source_id as "sourceId" from exception
      where run = ${run} and state = 'open' and ${some}`.execute(this.#db);
    return rows;
  }

  /** Closes the open exceptions of records whose cause has gone. */
  async close(run: string, object: string, sourceIds: readonly string[], kinds: readonly ExceptionKind[]): Promise<void> {
    if (sourceIds.length === 0) return;
    await sql`update exception set state = 'closed' where run = ${run} and object = ${object} and source_id = any(${[...sourceIds]}) and kind = any(${kinds}) and state = 'open'`.execute(
      this.#db,
    );
  }

  /** The same by a claim of a lane, and nothing where another has taken the lane. */
  async closeByLane(
    { run, lane, token }: LaneToken,
    object: string,
    sourceIds: readonly string[],
    kinds: readonly ExceptionKind[],
  ): Promise<void> {
    await sql`with proved as materialized (select 1 from lane where id = ${lane} and token = ${token} for share)
      update exception set state = 'closed' where run = ${run} and object = ${object} and source_id = any(${[...sourceIds]}) and kind = any(${kinds}) and state = 'open'
        and exists (select 1 from proved)`.execute(this.#db);
  }

  /** Closes what a rollback told about records of which it turned out that nothing of ours stands there. */
  async closeVoid(scope: string, run: string, object: string, sourceIds: readonly string[]): Promise<void> {
    const kind: ExceptionKind = 'keptByRollback';
    await sql`update exception x set state = 'closed' where run = ${run} and object = ${object} and source_id = any(${[...sourceIds]}) and kind = ${kind} and state = 'open'
      and not exists (select 1 from crosswalk c where c.scope = ${scope} and c.object = x.object and c.source_id = x.source_id and c.state ${stands})
      and not exists (select 1 from effect e where e.scope = ${scope} and e.object = x.object and e.source_id = x.source_id and e.status in ('intended', 'unknown', 'ambiguous'))`.execute(
      this.#db,
    );
  }

  /** Closes what stood open about records that are live in the target by this wave. */
  async closeLive(scope: string, run: string, wave: string, kinds: readonly ExceptionKind[]): Promise<void> {
    await sql`update exception e set state = 'closed' where run = ${run} and wave = ${wave} and kind = any(${kinds}) and state = 'open'
      and exists (select 1 from crosswalk c where c.scope = ${scope} and c.object = e.object and c.source_id = e.source_id
        and c.run = ${run} and c.wave = ${wave} and c.state = 'live')`.execute(this.#db);
  }

  /** Opens again the newest closed exception of one record, where none of these kinds is open. */
  async reopen(run: string, object: string, sourceId: string, kinds: readonly ExceptionKind[]): Promise<void> {
    await reopenException(this.#db, run, { object, sourceId }, kinds);
  }

  /** The go at the close gate signs off what is still open. */
  async signOff(run: string): Promise<number> {
    const { rows } = await sql`update exception set state = 'signedOff' where run = ${run} and state = 'open' returning 1`.execute(
      this.#db,
    );
    return rows.length;
  }
}

/** Opens again the newest closed exception of one record, where none of these kinds is open; in a transaction or outside one. */
export async function reopenException(
  db: Database,
  run: string,
  { object, sourceId }: Pick<NewException, 'object' | 'sourceId'>,
  kinds: readonly ExceptionKind[],
): Promise<void> {
  const own = sql`run = ${run} and object = ${object} and source_id = ${sourceId} and kind = any(${kinds})`;
  await sql`update exception set state = 'open' where id = (select max(id) from exception where ${own} and state = 'closed')
    and not exists (select 1 from exception where ${own} and state = 'open')`.execute(db);
}

/**
 * Opens exceptions, in a transaction or outside one. One of the same record and kind that is open already stands as it is; where its record went from
 * one account to another since, it goes along, as if it were told for the first time: only under the account of its record does a wave look for it.
 */
export async function openExceptions(db: Database, run: string, wave: string, exceptions: readonly NewException[]): Promise<void> {
  if (exceptions.length === 0) return;
  await sql`with told as materialized (select r.object, r."sourceId", r.account, r.kind, r.message, coalesce(r.candidates, '[]') as candidates, r.place
      from ${tableOf(exceptions, 'object text, "sourceId" text, account text, kind text, message text, candidates jsonb')}),
    along as (update exception x set wave = ${wave}, account = t.account, message = t.message, candidates = t.candidates, opened_at = clock_timestamp() from told t
      where x.run = ${run} and x.object = t.object and x.source_id = t."sourceId" and x.kind = t.kind and x.state = 'open' and x.account <> t.account)
    insert into exception (run, wave, object, source_id, account, kind, message, candidates)
    select ${run}, ${wave}, t.object, t."sourceId", t.account, t.kind, t.message, t.candidates from told t order by t.place
    on conflict (run, object, source_id, kind) where state = 'open' do nothing`.execute(db);
}
