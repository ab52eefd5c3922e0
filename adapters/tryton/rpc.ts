import type { ClockReading } from '../../contracts/adapter.ts';
import type { Connection } from '../../contracts/connection.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { dateReading, sendHttp } from '../http.ts';
import { needed } from '../setting.ts';
import { resultOf } from './answers.ts';
import { createEntrance } from './entrance.ts';
import type { Json } from './values.ts';
import { isList, textOf } from './values.ts';

/** How one call is sent. */
export interface Sending {
  readonly writes: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly beforeSend?: (() => void) | undefined;
}

/** A Tryton session: enough to call as that user until it is ended. */
export interface Login {
  readonly user: string;
  readonly userId: number;
  readonly key: string;
}

/** JSON-RPC of Tryton 8.2: `POST <url>/<database>/rpc/`. */
export interface Rpc {
  /** The system's name in the plan. */
  readonly system: string;
  /** One call; `login` null for the login itself. Rejects as `sendHttp` and `resultOf` do. */
  call(login: Login | null, method: string, params: readonly Json[], sending: Sending): Promise<Json>;
  /** A new session; also says how far Tryton's clock is ahead of ours (ms, to about a second: it comes from the `Date` header). */
  login(): Promise<{ readonly login: Login; readonly clockSkewMs: number }>;
  /** Tryton's clock by the header `Date` of an answer that needs no login. */
  now(): Promise<ClockReading>;
  /** The server's series, such as `8.2`. */
  version(): Promise<string>;
  /** Ends a session, confirmed; one that has ended already is fine. */
  logout(login: Login): Promise<void>;
  /** Calls sent by this process. */
  sent(): number;
}

/** Talks to the database of a connection whose values are `url`, `database`, `user` and `password`. */
export function createRpc(connection: Connection): Rpc {
  const { system, callTimeoutMs, meter } = connection;
  const root = needed(connection, 'url').replace(/\/+$/, '');
  const database = encodeURIComponent(needed(connection, 'database'));
  const address = URL.parse(root);
  // The ledger keeps this name: a user and password in the address are left out of it.
  const instance = `${address === null ? '' : `${address.host}${address.pathname.replace(/\/+$/, '')}`}/${database}`;
  const entrance = createEntrance(system);
  let sent = 0;

  const post = async (
    login: Login | null,
    method: string,
    params: readonly Json[],
    sending: Sending,
    path = `/${database}/rpc/`,
  ): Promise<{ result: Json; headers: Headers }> => {
    const id = (sent += 1);
    const call = { system, operation: method, writes: sending.writes };
    const reply = await sendHttp({
      ...call,
      ...sending,
      method: 'POST',
      url: `${root}${path}`,
      headers: { 'content-type': 'application/json', ...(login === null ? {} : { authorization: authorization(login) }) },
      body: JSON.stringify({ id, method, params }),
      timeoutMs: callTimeoutMs,
      metered: { meter, instance },
    });
    return { result: resultOf(reply, call, id), headers: reply.headers };
  };

  return {
    system,
    call: async (login, method, params, sending) => (await post(login, method, params, sending)).result,
    login: async () => {
      const user = needed(connection, 'user');
      const startedAt = Date.now();
      const { result, headers } = await entrance.enter(user, () =>
        post(null, 'common.db.login', [user, { password: needed(connection, 'password') }], { writes: false }),
      );
      const [userId, key] = isList(result) ? result : [];
      if (typeof userId !== 'number' || typeof key !== 'string' || !/^[0-9a-f]+$/.test(key)) throw notALogin(system);
      return { login: { user, userId, key }, clockSkewMs: skewMs(headers.get('date'), startedAt, Date.now()) };
    },
    now: async () => dateReading((await post(null, 'common.server.version', [], { writes: false }, '/rpc/')).headers, system),
    version: async () => textOf((await post(null, 'common.server.version', [], { writes: false }, '/rpc/')).result) ?? 'unknown',
    logout: async (login) => {
      try {
        await post(login, 'common.db.logout', [], { writes: false });
      } catch (error) {
        if (!(error instanceof AdapterError && error.kind === 'auth')) throw error;
      }
    },
    sent: () => sent,
  };
}

/** The header by which Tryton's own clients name their session. */
function authorization(login: Login): string {
  return `Session ${Buffer.from(`${login.user}:${String(login.userId)}:${login.key}`).toString('base64')}`;
}

/** The `Date` header cuts off fractions of a second: half a second is the expected rest. */
function skewMs(date: string | null, startedAt: number, endedAt: number): number {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? 0 : Math.round(at + 500 - (startedAt + endedAt) / 2);
}

function notALogin(system: string): AdapterError {
  return new AdapterError(
    'auth',
    `${system}: the answer to the login is no session of Tryton. Check that the address is Tryton's, and that the runner's user has plain password login.`,
    {
      system,
      operation: 'common.db.login',
    },
  );
}

/** A session as one text and back: user, user id and key (which is hex; a user name may hold colons). */
export function handleOf(login: Login): string {
  return `${login.user}:${String(login.userId)}:${login.key}`;
}

/** The session behind a handle; rejects text that is none with kind `invalidData`. */
export function loginOf(handle: string, system: string): Login {
  const parts = /^(.+):(\d+):([0-9a-f]+)$/s.exec(handle);
  if (parts) return { user: String(parts[1]), userId: Number(parts[2]), key: String(parts[3]) };
  throw new AdapterError('invalidData', `${system}: this is not the handle of a Tryton session.`, { system, operation: 'end session' });
}
