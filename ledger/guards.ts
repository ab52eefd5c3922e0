import { sql, type Transaction } from 'kysely';
import { sharedWave } from '../contracts/messages.ts';
import { hasBegunToSwitch, type WaveState } from '../domain/waves/state.ts';
import { standingOf } from './acts.ts';
import { breachCause } from './answers.ts';
import { deciding } from './deciding.ts';
import type { Database } from './database.ts';
import { inTurn, waitTurn } from './in-turn.ts';
import { placeHold, placeStop } from './holds.ts';
import type { MeasurementRow } from './measurements.ts';

export interface VerdictRow {
  readonly id: number;
  readonly guard: string;
  readonly wave: string;
  readonly attempt: number;
  readonly segment: number;
  readonly verdict: 'pass' | 'breach' | 'inconclusive' | 'error';
  readonly warn: boolean;
  /** A plain limit was passed at this look; passing it at the next one too is a breach. */
  readonly secondLook: boolean;
  readonly reason: string;
  readonly k: number | null;
  readonly n: number | null;
  readonly eValue: number | null;
  readonly answer: string | null;
  readonly at: Date;
  readonly answeredAt: Date | null;
}

/** The newest look at a guard in a wave attempt: where it stands, with the figures it was judged by. */
export interface LookRow extends Pick<
  VerdictRow,
  'guard' | 'wave' | 'attempt' | 'verdict' | 'warn' | 'reason' | 'k' | 'n' | 'eValue' | 'at'
> {
  /** When its figures were measured; null where it has none. */
  readonly measuredAt: Date | null;
}

/** The last verdict on a guard, and the last value of its metric (null for none), that somebody knew who judged it. */
export interface Behind {
  readonly verdict: Pick<VerdictRow, 'id'> | null;
  readonly metric: string | null;
  readonly value: Pick<MeasurementRow, 'id'> | null;
}

/** The breaches of a guard that people have answered. */
export interface Answered {
  readonly times: number;
  readonly k: number;
  readonly n: number;
}

const columns = sql`id, guard, wave, attempt, segment, verdict, warn, second_look as "secondLook", reason, k, n, e_value as "eValue", answer, at, answered_at as "answeredAt"`;

/** Verdicts of guards, and what people answered to breaches. */
export class Guards {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * How many breaches of a guard in a wave attempt were answered, and what they had counted together (each beyond the one before): there the present
   * segment begins.
   */
  async answered(run: string, guard: string, wave: string, attempt: number): Promise<Answered> {
    const { rows } = await sql<Answered>`select count(*) as times, coalesce(sum(k), 0)::bigint as k, coalesce(sum(n), 0)::bigint as n
      from verdict where run = ${run} and guard = ${guard} and wave = ${wave} and attempt = ${attempt} and verdict = 'breach' and answered_at is not null`.execute(
      this.#db,
    );
    return rows[0] ?? { times: 0, k: 0, n: 0 };
  }

  /** Newest verdict of a guard in a wave attempt. */
  async verdict(run: string, guard: string, wave: string, attempt: number): Promise<VerdictRow | null> {
    const { rows } =
      await sql<VerdictRow>`select ${columns} from verdict where run = ${run} and guard = ${guard} and wave = ${wave} and attempt = ${attempt} order by id desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ?? null;
  }

  /**
   * Stores a verdict. A breach takes effect in the same transaction: its pause holds the run, its rollback stands against the wave's attempt (the
   * shared records go back with the whole run only, so there it holds the run), and no intent begins after it has committed. `judgedIn`: the state in
   * which the wave was judged; where it has begun to switch since, a rollback holds the run as well. `behind`: the last that
   * whoever judged knew of the guard. Only a breach decides anything, and takes the locks of the run. Returns what was placed; `overtaken` where another
   * try knows more by now, and nothing was stored.
   */
  async store(
    run: string,
    verdict: NewVerdict,
    measuredAt: Date | null = null,
    judgedIn: WaveState | null = null,
    behind: Behind | null = null,
  ): Promise<'hold' | 'stop' | 'overtaken' | null> {
    const keep = async (tx: Transaction<unknown>): Promise<number | 'overtaken'> => {
      if (behind !== null && (await isOvertaken(tx, run, { ...verdict, measuredAt }, behind))) return 'overtaken';
      const id = await insert(tx, run, verdict);
      await noteLook(tx, run, { ...verdict, measuredAt });
      return id;
    };
    if (verdict.verdict !== 'breach') return (await inTurn(this.#db, judging(run, verdict), keep)) === 'overtaken' ? 'overtaken' : null;
    const answer = async (tx: Transaction<unknown>): Promise<'hold' | 'stop' | 'overtaken' | null> => {
      const id = await keep(tx);
      return id === 'overtaken' ? id : answerBreach(tx, run, id, verdict, judgedIn);
    };
    // Its turn comes first: no verdict that passes gets ahead of it while it waits for the locks.
    return deciding(this.#db, run, 'all', answer, (tx) => waitTurn(tx, judging(run, verdict)));
  }

  /** Notes where a guard stands now; a look that changes no verdict is kept as the newest alone, and one that was overtaken is not. */
  async look(run: string, look: NewLook, behind: Behind | null = null): Promise<void> {
    await inTurn(this.#db, judging(run, look), async (tx) => {
      if (behind === null || !(await isOvertaken(tx, run, look, behind))) await noteLook(tx, run, look);
    });
  }

  /** The newest look at each guard in each wave attempt, by wave and guard. */
  async looks(run: string): Promise<readonly LookRow[]> {
    const { rows } =
      await sql<LookRow>`select l.guard, l.wave, l.attempt, l.verdict, l.warn, l.reason, l.k, l.n, l.e_value as "eValue", l.measured_at as "measuredAt", l.at
      from look l join wave w on w.run = l.run and w.name = l.wave
      where l.run = ${run} order by w.ordinal, l.attempt, l.guard`.execute(this.#db);
    return rows;
  }

  /** Guards with a breach that nobody has answered, in one wave's present attempt or (null) in any wave's. */
  async unanswered(run: string, wave: string | null): Promise<readonly string[]> {
    const { rows } = await sql<{
      guard: string;
    }>`select distinct v.guard from verdict v join wave w on w.run = v.run and w.name = v.wave and w.attempt = v.attempt
      where v.run = ${run} and v.verdict = 'breach' and v.answered_at is null and (${wave}::text is null or v.wave = ${wave}) order by 1`.execute(
      this.#db,
    );
    return rows.map(({ guard }) => guard);
  }

  /** The breaches that nobody has answered, newest verdicts of guards in the present attempts of waves. */
  async breaches(run: string): Promise<readonly VerdictRow[]> {
    const { rows } =
      await sql<VerdictRow>`select ${columns} from verdict v where run = ${run} and verdict = 'breach' and answered_at is null
      and attempt = (select w.attempt from wave w where w.run = v.run and w.name = v.wave)
      and not exists (select 1 from verdict n where n.run = v.run and n.guard = v.guard and n.wave = v.wave and n.attempt = v.attempt and n.id > v.id)
      order by id`.execute(this.#db);
    return rows;
  }

  async all(run: string): Promise<readonly VerdictRow[]> {
    const { rows } = await sql<VerdictRow>`select ${columns} from verdict where run = ${run} order by id`.execute(this.#db);
    return rows;
  }
}

type NewVerdict = Omit<VerdictRow, 'id' | 'at' | 'answeredAt'>;
type NewLook = Omit<LookRow, 'at'>;

/** What is judged of a guard is stored by one at a time. */
function judging(run: string, { guard, wave, attempt }: Pick<NewLook, 'guard' | 'wave' | 'attempt'>): readonly string[] {
  return ['verdict', run, wave, String(attempt), guard];
}

async function noteLook(db: Database, run: string, look: NewLook): Promise<void> {
  await sql`insert into look (run, guard, wave, attempt, verdict, warn, reason, k, n, e_value, measured_at)
      values (${run}, ${look.guard}, ${look.wave}, ${look.attempt}, ${look.verdict}, ${look.warn}, ${look.reason}, ${look.k}, ${look.n}, ${look.eValue}, ${look.measuredAt})
      on conflict (run, guard, wave, attempt) do update set verdict = excluded.verdict, warn = excluded.warn, reason = excluded.reason, k = excluded.k, n = excluded.n,
        e_value = excluded.e_value, measured_at = excluded.measured_at, at = clock_timestamp()`.execute(db);
}

/** Whether another try has judged a guard since, or has stored a newer value than it was judged by. */
async function isOvertaken(
  db: Database,
  run: string,
  { guard, wave, attempt }: NewLook,
  { verdict, metric, value }: Behind,
): Promise<boolean> {
  const own = sql`run = ${run} and wave = ${wave} and attempt = ${attempt}`;
  const { rows } = await sql<{
    is: boolean;
  }>`select (select max(id) from verdict where ${own} and guard = ${guard}) is distinct from ${verdict?.id ?? null}::bigint
    or exists (select 1 from measurement where ${own} and metric = ${metric} and error is null and id > ${value?.id ?? 0}) as is`.execute(
    db,
  );
  return rows[0]?.is ?? false;
}

async function insert(db: Database, run: string, verdict: NewVerdict): Promise<number> {
  const { rows } = await sql<{
    id: number;
  }>`insert into verdict (run, guard, wave, attempt, segment, verdict, warn, second_look, reason, k, n, e_value, answer)
      values (${run}, ${verdict.guard}, ${verdict.wave}, ${verdict.attempt}, ${verdict.segment}, ${verdict.verdict}, ${verdict.warn}, ${verdict.secondLook}, ${verdict.reason}, ${verdict.k}, ${verdict.n}, ${verdict.eValue}, ${verdict.answer})
      returning id`.execute(db);
  if (rows[0] === undefined) throw new Error(`the ledger gave no id to a verdict of guard ${verdict.guard}`);
  return rows[0].id;
}

/** What a breach does where it is stored. One that speaks of an attempt which is over stands against nothing. */
async function answerBreach(
  tx: Transaction<unknown>,
  run: string,
  id: number,
  { guard, wave, attempt, answer, reason }: NewVerdict,
  judgedIn: WaveState | null,
): Promise<'hold' | 'stop' | null> {
  const at = await standingOf(tx, run, wave);
  if (at?.attempt !== attempt) return null;
  const cause = `${breachCause}${String(id)}`;
  const by = { person: null, role: null, reason: `${guard}: ${reason}` };
  const hasBegun = judgedIn !== null && !hasBegunToSwitch(judgedIn) && hasBegunToSwitch(at.state);
  if (answer === 'rollback' && wave !== sharedWave && !hasBegun) {
    await placeStop(tx, run, { ...by, verb: 'rollback', scope: wave, requestId: cause });
    return 'stop';
  }
  const why = hasBegun ? ' The wave has begun to switch since it was measured.' : ' The shared records go back only with the whole run.';
  const onlyWhole = answer === 'rollback' ? why : '';
  await placeHold(tx, { ...by, reason: `${by.reason}${onlyWhole}`, run, scope: 'run', source: 'guard', follows: null, cause });
  return 'hold';
}
