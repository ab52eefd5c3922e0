import { createSign } from 'node:crypto';
import { OAuth2 } from '@jsforce/jsforce-node';
import type { Connection } from '../../contracts/connection.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { needed } from '../setting.ts';
import { EntranceRefused } from './failure.ts';
import { SingleTransport } from './transport.ts';
import type { Observed } from './transport.ts';

/** A login of our own: its token is the session's handle. */
export interface Login {
  readonly accessToken: string;
  readonly instanceUrl: string;
  readonly organizationId: string;
  readonly userId: string;
}

export interface Gate {
  login(): Promise<Login>;
  /** Ends a login, confirmed; a token that is dead already is fine. */
  revoke(accessToken: string): Promise<void>;
}

/** Seconds a signed claim may be used; Salesforce allows at most three minutes ("OAuth 2.0 JWT Bearer Flow"). */
const claimSeconds = 180;

/**
 * Logs in by OAuth at `loginUrl` with `clientId` and `clientSecret` (client credentials flow) or `clientId`, `username`
 * and `privateKey` in PEM (JWT bearer flow; `audience` where it is not `loginUrl`). All are values of the connection; kind `invalidData`
 * when some are missing. Calls go to `instanceUrl` where that is given; else to `loginUrl` with client credentials, which Salesforce
 * takes only at the organization's own domain, where its API is too; else to the address the login names.
 */
export function createGate(connection: Connection, observed: Observed): Gate {
  const { system, values, callTimeoutMs } = connection;
  const oauth = (operation: string): OAuth2 => {
    const client = new OAuth2({ loginUrl: needed(connection, 'loginUrl'), clientId: needed(connection, 'clientId') });
    client._transport = new SingleTransport(
      { system, operation, timeoutMs: callTimeoutMs, writes: false, login: true, statusOnly: operation === 'logout' },
      observed,
    );
    return client;
  };
  return {
    login: async () => {
      const reply = tokenIn(
        await oauth('login')
          .requestToken(grant(connection))
          .catch((error: unknown) => {
            throw error instanceof AdapterError ? error : noToken(system);
          }),
        system,
      );
      const [organizationId = '', userId = ''] = reply.id.split('/').slice(-2);
      const own = values.privateKey === undefined ? values.loginUrl : reply.instance_url;
      const instanceUrl = (values.instanceUrl ?? own ?? reply.instance_url).replace(/\/+$/, '');
      return { accessToken: reply.access_token, instanceUrl, organizationId, userId };
    },
    revoke: async (accessToken) => {
      try {
        await oauth('logout').revokeToken(accessToken);
      } catch (error) {
        // A token that Salesforce no longer knows is answered with 400 and invalid_token or unsupported_token_type: it is dead.
        if (!(error instanceof EntranceRefused)) throw error;
      }
    },
  };
}

type Token = Readonly<Record<'access_token' | 'instance_url' | 'id', string>>;

function tokenIn(reply: unknown, system: string): Token {
  if (typeof reply === 'object' && reply !== null && 'access_token' in reply && 'instance_url' in reply && 'id' in reply) {
    const { access_token, instance_url, id } = reply;
    if (typeof access_token === 'string' && typeof instance_url === 'string' && typeof id === 'string')
      return { access_token, instance_url, id };
  }
  throw noToken(system);
}

function noToken(system: string): AdapterError {
  return new AdapterError('auth', `${system}: the answer to the login is no token; check that loginUrl is Salesforce's`, {
    system,
    operation: 'login',
  });
}

function grant(connection: Connection): { readonly grant_type: string; readonly [name: string]: string } {
  const { privateKey } = connection.values;
  if (privateKey === undefined) return { grant_type: 'client_credentials', client_secret: needed(connection, 'clientSecret') };
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: signedClaim(connection, privateKey) };
}

function signedClaim(connection: Connection, privateKey: string): string {
  const claim = {
    iss: needed(connection, 'clientId'),
    sub: needed(connection, 'username'),
    aud: connection.values.audience ?? needed(connection, 'loginUrl'),
    exp: Math.floor(Date.now() / 1_000) + claimSeconds,
  };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claim].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}
