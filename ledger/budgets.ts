import { sql, type Transaction } from 'kysely';
import { grantAll, leased, type CallKind, type Grant } from '../domain/budget/grant.ts';
import { reserveOf } from '../domain/budget/reserve.ts';
import { freshWindow, recounted, reported, type CountSeen, type LeaseReport, type LimitWindow } from '../domain/budget/window.ts';
import type { BudgetPlan } from '../domain/plan/systems.ts';
import type { Database } from './database.ts';
import { tableOf } from './rows.ts';

/** A limit window as it is stored; `plan` declared it, or the answers of the `system` tell its count. */
export interface BudgetRow extends LimitWindow {
  readonly instance: string;
  readonly source: 'plan' | 'system';
}

/** What a process tells of its lease, and what it asks for. Ages are in ms: clocks of machines differ, the ledger's counts. */
export interface Exchange {
  readonly instance: string;
  /** What the plan of the process says of the system's calls. */
  readonly budget: BudgetPlan | undefined;
  readonly report: LeaseReport;
  readonly seen: (Omit<CountSeen, 'atMs'> & { readonly ageMs: number; readonly lengthMs: number }) | null;
  /** The kind of calls that are wanted, and how long the lease is good for; null where calls are only given back. */
  readonly ask: { readonly kind: CallKind; readonly holdMs: (shortestMs: number) => number } | null;
}

/** What became of an exchange: `booked` counts our calls in the window that the system counts too; `tightest` is the window that decided. */
export interface Exchanged {
  readonly grant: Grant;
  readonly holdMs: number;
  readonly booked: number;
  readonly tightest: BudgetRow | null;
  readonly nowMs: number;
}

const columns = sql`instance, source, length_ms as "lengthMs", calls as "limit", reserve, spent, booked, others, looked_at_ms as "lookedAtMs", leases`;
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`;
/** Calls that are only given back have no limits to look at. */
const nothing = { calls: 0, looks: false } as const;

/** Budgets of calls: one row for each limit of each instance of a system, locked while it decides (P10). */
export class Budgets {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Notes what an instance is called in a plan, the limits the plan declares for it, and the reserve it names for those that the system counts; true
   * where it has any limit.
   */
  async declare(
    use: { readonly plan: string; readonly env: string; readonly system: string; readonly instance: string },
    budget: BudgetPlan | undefined,
  ): Promise<boolean> {
    const { plan, env, system, instance } = use;
    const windows = (budget?.windows ?? []).map(({ calls, per }) => ({ calls, lengthMs: per, reserve: reserveOf(budget, per) }));
    await sql`insert into metered (plan, env, system, instance) values (${plan}, ${env}, ${system}, ${instance}) on conflict do nothing`.execute(
      this.#db,
    );
    if (windows.length > 0)
      await sql`insert into budget (instance, source, length_ms, calls, reserve)
        select ${instance}, 'plan', "lengthMs", calls, reserve from ${tableOf(windows, '"lengthMs" bigint, calls bigint, reserve float8')}
        on conflict (instance, source, length_ms) do update set calls = excluded.calls, reserve = excluded.reserve`.execute(this.#db);
    const { rows } = await sql<
      Pick<BudgetRow, 'source' | 'lengthMs'>
    >`select source, length_ms as "lengthMs" from budget where instance = ${instance}`.execute(this.#db);
    const counted = rows
      .filter(({ source }) => source === 'system')
      .map(({ lengthMs }) => ({ lengthMs, reserve: reserveOf(budget, lengthMs) }));
    if (counted.length > 0)
      await sql`update budget b set reserve = r.reserve from ${tableOf(counted, '"lengthMs" bigint, reserve float8')}
        where b.instance = ${instance} and b.source = 'system' and b.length_ms = r."lengthMs" and b.reserve <> r.reserve`.execute(this.#db);
    return rows.length > 0;
  }

  /** Books what a process did under its lease, takes in what the system said of its count, and leases as many calls as every limit allows. */
  async exchange({ instance, budget, report, seen, ask }: Exchange): Promise<Exchanged> {
    return this.#db.transaction().execute(async (tx) => {
      const { nowMs, rows } = await lock(tx, instance, budget, seen);
      const settled = rows.map((row) => {
        const window = { ...row, ...reported(row, nowMs, report) };
        const isCounted = seen !== null && row.source === 'system' && row.lengthMs === seen.lengthMs;
        return isCounted
          ? { ...window, ...recounted(window, nowMs, { ...seen, atMs: nowMs - seen.ageMs }), reserve: reserveOf(budget, seen.lengthMs) }
          : window;
      });
      const asked = settled.filter(({ source, lengthMs }) => source === 'system' || budget?.windows.some(({ per }) => per === lengthMs));
      const { grant, tightest } = ask === null ? { grant: nothing, tightest: null } : grantAll(asked, ask.kind, nowMs);
      const holdMs = ask === null ? 0 : ask.holdMs(Math.min(...asked.map(({ lengthMs }) => lengthMs)));
      const lease = { id: report.lease, calls: 0, untilMs: nowMs + holdMs };
      const after = settled.map((row) =>
        'waitUntilMs' in grant || grant.calls === 0 || !asked.includes(row) ? row : { ...row, ...leased(row, lease, grant, nowMs) },
      );
      await store(tx, after);
      return { grant, holdMs, tightest, nowMs, booked: after.find(({ source }) => source === 'system')?.booked ?? 0 };
    });
  }

  /** Limits of the systems of a plan, and what they asked to wait for, by the system's name; with the ledger's time. */
  async of(
    plan: string,
    env: string,
  ): Promise<{
    readonly nowMs: number;
    readonly windows: readonly (BudgetRow & { readonly system: string })[];
    readonly pauses: readonly { readonly system: string; readonly untilMs: number }[];
  }> {
    const used = sql`select system, instance from metered where plan = ${plan} and env = ${env}`;
    const [windows, pauses] = await Promise.all([
      sql<
        BudgetRow & { readonly system: string }
      >`select system, ${columns} from budget join (${used}) used using (instance) order by system, length_ms, source`.execute(this.#db),
      sql<{
        readonly system: string;
        readonly untilMs: number;
        readonly nowMs: number;
      }>`select system, (extract(epoch from until) * 1000)::float8 as "untilMs", ${now} as "nowMs" from (values (1)) as one
        left join (select * from pause join (${used}) used using (instance) where until > clock_timestamp()) p on true order by system`.execute(
        this.#db,
      ),
    ]);
    const [first] = pauses.rows;
    return {
      nowMs: first?.nowMs ?? 0,
      windows: windows.rows,
      pauses: pauses.rows.filter(({ system }) => (system as string | null) !== null),
    };
  }
}

/** The windows of an instance, the shortest first, locked; the one that the system counts is made when it is first heard of. */
async function lock(
  tx: Transaction<unknown>,
  instance: string,
  budget: BudgetPlan | undefined,
  seen: Exchange['seen'],
): Promise<{ readonly nowMs: number; readonly rows: readonly BudgetRow[] }> {
  const read = async (): Promise<readonly (BudgetRow & { readonly nowMs: number })[]> =>
    (
      await sql<
        BudgetRow & { readonly nowMs: number }
      >`select ${columns}, ${now} as "nowMs" from budget where instance = ${instance} order by length_ms, source for update`.execute(tx)
    ).rows;
  let rows = await read();
  if (seen !== null && !rows.some(({ source, lengthMs }) => source === 'system' && lengthMs === seen.lengthMs)) {
    const { limit, lengthMs, reserve } = freshWindow(seen.limit, seen.lengthMs, reserveOf(budget, seen.lengthMs));
    await sql`insert into budget (instance, source, length_ms, calls, reserve) values (${instance}, 'system', ${lengthMs}, ${limit}, ${reserve})
      on conflict do nothing`.execute(tx);
    rows = await read();
  }
  return { nowMs: rows[0]?.nowMs ?? 0, rows };
}

async function store(tx: Transaction<unknown>, rows: readonly BudgetRow[]): Promise<void> {
  const shape = `"lengthMs" bigint, source text, "limit" bigint, reserve float8, spent jsonb, booked bigint, others jsonb, "lookedAtMs" float8, leases jsonb, instance text`;
  await sql`update budget b set calls = r."limit", reserve = r.reserve, spent = r.spent, booked = r.booked, others = r.others, looked_at_ms = r."lookedAtMs", leases = r.leases
    from ${tableOf(rows, shape)} where b.instance = r.instance and b.source = r.source and b.length_ms = r."lengthMs"`.execute(tx);
}
