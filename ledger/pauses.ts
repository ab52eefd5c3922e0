import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from './database.ts';

/** What a system asked all its callers to wait. */
export interface Pause {
  readonly instance: string;
  readonly leftMs: number;
}

const channel = 'cutover_pause';

/** Between two tries to listen again (ms). */
const againMs = 1_000;

/** Waits that systems asked for, told to every worker at once, so that no call has to ask for them. */
export class Pauses {
  readonly #db: Database;
  readonly #url: string;

  constructor(db: Database, url: string) {
    this.#db = db;
    this.#url = url;
  }

  /** No call to this instance before so many ms have passed; a longer wait that stands is not cut short. Every listener hears of it. */
  async place({ instance, leftMs }: Pause): Promise<void> {
    await sql`with placed as (
        insert into pause (instance, until) values (${instance}, clock_timestamp() + make_interval(secs => ${leftMs / 1000}))
        on conflict (instance) do update set until = greatest(pause.until, excluded.until), at = clock_timestamp() returning instance, until)
      select pg_notify(${channel}, json_build_object('instance', instance, 'leftMs', ${leftMs}::float8)::text) from placed`.execute(
      this.#db,
    );
  }

  /**
   * Tells what stands, and from then on whatever is placed, until it is stopped. It has a connection of its own; where that is lost it connects again
   * and reads again what stands. Rejects where the first connection fails.
   */
  async listen(hear: (pause: Pause) => void): Promise<() => Promise<void>> {
    let isOver = false;
    let client = await this.#connect(hear, () => {
      if (!isOver) again();
    });
    const again = (): void => {
      setTimeout(() => {
        if (isOver) return;
        this.#connect(hear, again).then((connected) => {
          client = connected;
        }, again);
      }, againMs).unref();
    };
    return async () => {
      isOver = true;
      await client.end();
    };
  }

  async #connect(hear: (pause: Pause) => void, lost: () => void): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url, keepAlive: true, connectionTimeoutMillis: 10_000 });
    client.on('notification', ({ payload }) => {
      hear(JSON.parse(payload ?? '') as Pause);
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`listen ${channel}`);
    const { rows } = await client.query<Pause>(
      `select instance, (extract(epoch from until - clock_timestamp()) * 1000)::float8 as "leftMs" from pause where until > clock_timestamp()`,
    );
    for (const pause of rows) hear(pause);
    client.once('end', lost);
    return client;
  }
}
