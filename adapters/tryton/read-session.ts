import { AdapterError } from '../../contracts/failures.ts';
import { Refusal } from './answers.ts';
import type { Reader } from './caller.ts';
import { createReader, readingContext } from './caller.ts';
import { objectIn } from './shapes.ts';
import type { Login, Rpc } from './rpc.ts';
import type { JsonObject } from './values.ts';

export interface OpenedSession {
  readonly login: Login;
  /** What Tryton holds of the user, such as its company; sent with every model call. */
  readonly context: JsonObject;
  readonly clockSkewMs: number;
}

/** The port's own session for reading: opened at the first call, opened once more when Tryton has ended it. */
export interface ReadSession {
  opened(): Promise<OpenedSession>;
  reader(): Promise<Reader>;
  end(): Promise<void>;
}

export function createReadSession(rpc: Rpc): ReadSession {
  let current: Promise<OpenedSession> | null = null;
  const opened = (): Promise<OpenedSession> => {
    const session = current ?? openSession(rpc);
    current = session;
    session.catch(() => {
      if (current === session) current = null;
    });
    return session;
  };
  const call: Reader['ask'] = async (method, args, more) => {
    const session = await opened();
    try {
      return await rpc.call(session.login, method, [...args, readingContext(session.context, more)], { writes: false });
    } catch (error) {
      if (!hasEnded(error)) throw error;
      if (await isCurrent(session)) current = null;
      const again = await opened();
      return rpc.call(again.login, method, [...args, readingContext(again.context, more)], { writes: false });
    }
  };
  const isCurrent = async (session: OpenedSession): Promise<boolean> => current !== null && (await current) === session;
  return {
    opened,
    reader: async () => createReader(rpc.system, call, (await opened()).login.userId),
    end: async () => {
      const session = current;
      current = null;
      if (session !== null) await rpc.logout((await session).login);
    },
  };
}

async function openSession(rpc: Rpc): Promise<OpenedSession> {
  const { login, clockSkewMs } = await rpc.login();
  const operation = 'model.res.user.get_preferences';
  const preferences = await rpc.call(login, operation, [true, {}], { writes: false });
  return { login, context: objectIn(preferences, { system: rpc.system, operation, writes: false }), clockSkewMs };
}

/** Tryton answers a session it no longer knows with status 401; a refusal for missing rights is another thing. */
function hasEnded(error: unknown): boolean {
  return error instanceof AdapterError && !(error instanceof Refusal) && error.kind === 'auth';
}
