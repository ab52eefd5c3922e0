import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { Refusal, Unauthorized } from './answers.ts';

/**
 * Tryton counts wrong passwords for `[session] timeout`, by default 300 s, and the logins it throttles count as well (trytond 8.2, `res/user.py`): who
 * goes on trying is never let in again. So long (ms) none is sent after one that was throttled.
 */
const closedForMs = 310_000;

const operation = 'common.db.login';

/** The way in for one user, which remembers how Tryton answered. */
export interface Entrance {
  /** Sends a login, and says in words what keeps the user out; rejects without sending it for some minutes after one that Tryton throttled. */
  enter<T>(user: string, send: () => Promise<T>): Promise<T>;
}

/** The way into a system of this name in the plan. */
export function createEntrance(system: string): Entrance {
  let isRefused = false;
  let closedUntilMs = 0;
  const failure = (kind: FailureKind, sentence: string, cause?: unknown): AdapterError =>
    new AdapterError(kind, `${system}: ${sentence}`, { system, operation, cause });
  const refused = (user: string): string => `Tryton refuses the user name or the password of ${user}`;

  const closed = (user: string, cause?: unknown): AdapterError => {
    const wait = 'It is let in some minutes after the last try, and the runner tries no earlier';
    return isRefused
      ? failure(
          'auth',
          `${refused(user)}, and now takes no logins of that user for some minutes, because there were several. Correct them. ${wait}.`,
          cause,
        )
      : failure(
          'throttled',
          `Tryton takes no logins of ${user} for now, as after several wrong passwords. Check its name and password. ${wait}.`,
          cause,
        );
  };

  const toldAs = (user: string, error: unknown): unknown => {
    if (error instanceof Unauthorized) {
      isRefused = true;
      return failure('auth', `${refused(user)}. Correct them where the env takes them from; nothing was changed.`, error);
    }
    // Tryton refuses a login of a database that it has not loaded as if a model were missing.
    if (error instanceof Refusal)
      return new AdapterError(
        'unavailable',
        `${error.message} The login did not come so far as a session: let Tryton load the database when it starts.`,
        { system, operation, cause: error },
      );
    // Tryton itself says not how long; what is before it may.
    if (!(error instanceof AdapterError) || error.kind !== 'throttled' || error.retryAfterMs !== null) return error;
    closedUntilMs = performance.now() + closedForMs;
    return closed(user, error);
  };

  return {
    enter: async (user, send) => {
      if (performance.now() < closedUntilMs) throw closed(user);
      try {
        const entered = await send();
        isRefused = false;
        return entered;
      } catch (error) {
        throw toldAs(user, error);
      }
    },
  };
}
