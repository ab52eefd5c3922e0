import { createVerify, randomBytes } from 'node:crypto';
import type { SandboxReply, SandboxRequest } from '../http-server.ts';
import type { SalesforceSeed } from './seed-data.ts';
import type { Store } from './store.ts';

/** A connected app: whoever knows its secret, or signs with its key, enters as its user. */
export interface ConnectedApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly userId: string;
  /** PEM of the public key for signed claims; without one the app takes none. */
  readonly publicKey?: string;
}

export interface Tokens {
  /** `POST /services/oauth2/token` and `POST /services/oauth2/revoke`; null for any other path. */
  answer(request: SandboxRequest): SandboxReply | null;
  /** The id of the user a token was given to; null once it was revoked. */
  userOf(authorization: string | undefined): string | null;
}

interface TokensInput {
  readonly apps: readonly ConnectedApp[];
  readonly store: Store;
  readonly organizationId: string;
  readonly settings: () => Pick<SalesforceSeed, 'sharedTokens' | 'lasting'>;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function createTokens({ apps, store, organizationId, settings }: TokensInput): Tokens {
  const users = new Map<string, string>();
  const grant = (app: ConnectedApp, host: string): SandboxReply => {
    const known = settings().sharedTokens === true ? [...users].find(([, user]) => user === app.userId)?.[0] : undefined;
    const token = known ?? `${organizationId.slice(0, 15)}!${randomBytes(48).toString('base64url')}`;
    users.set(token, app.userId);
    const url = `http://${host}`;
    const identity = `${url}/id/${organizationId}/${app.userId}`;
    return {
      status: 200,
      body: { access_token: token, instance_url: url, id: identity, token_type: 'Bearer', scope: 'api', issued_at: String(Date.now()) },
    };
  };
  return {
    answer: (request) => {
      if (request.method !== 'POST') return null;
      const form = new URLSearchParams(request.body);
      const host = request.headers['host'] ?? '127.0.0.1';
      if (request.path === '/services/oauth2/revoke') {
        const token = form.get('token') ?? '';
        const known = settings().lasting === true ? users.has(token) : users.delete(token);
        return known ? { status: 200 } : refusal('invalid_token', 'the token is not known');
      }
      if (request.path !== '/services/oauth2/token') return null;
      const app = apps.find((candidate) => candidate.clientId === (form.get('client_id') ?? issuerOf(form.get('assertion'))));
      if (app === undefined) return refusal('invalid_client_id', 'client identifier invalid');
      if (form.get('grant_type') === jwtBearer) return claimFault(app, form.get('assertion'), host, store) ?? grant(app, host);
      if (form.get('grant_type') !== 'client_credentials') return refusal('unsupported_grant_type', 'grant type not supported');
      return form.get('client_secret') === app.clientSecret ? grant(app, host) : refusal('invalid_client', 'invalid client credentials');
    },
    userOf: (authorization) => users.get(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '') ?? null,
  };
}

function refusal(error: string, description: string): SandboxReply {
  return { status: 400, body: { error, error_description: description } };
}

function issuerOf(assertion: string | null): unknown {
  return partOf(assertion, 1)['iss'];
}

function partOf(assertion: string | null, index: number): Readonly<Record<string, unknown>> {
  try {
    const part: unknown = JSON.parse(Buffer.from((assertion ?? '').split('.')[index] ?? '', 'base64url').toString('utf8'));
    return typeof part === 'object' && part !== null ? (part as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** What is wrong with a signed claim ("OAuth 2.0 JWT Bearer Flow"); null when nothing is. */
function claimFault(app: ConnectedApp, assertion: string | null, host: string, store: Store): SandboxReply | null {
  const { sub, aud, exp } = partOf(assertion, 1);
  const [header = '', claim = '', signature = ''] = (assertion ?? '').split('.');
  const signed = createVerify('RSA-SHA256').update(`${header}.${claim}`);
  if (app.publicKey === undefined || partOf(assertion, 0)['alg'] !== 'RS256' || !signed.verify(app.publicKey, signature, 'base64url'))
    return refusal('invalid_grant', 'invalid assertion');
  if (aud !== `http://${host}` && aud !== 'https://login.salesforce.com') return refusal('invalid_grant', 'audience is invalid');
  const now = Date.now() / 1000;
  if (typeof exp !== 'number' || exp < now || exp > now + 300) return refusal('invalid_grant', 'expired authorization code');
  const user = store.get(app.userId)?.values;
  return user?.['Username'] === sub ? null : refusal('invalid_grant', "user hasn't approved this consumer");
}
