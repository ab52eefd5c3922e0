import { randomBytes } from 'node:crypto';
import { HttpRefusal, UserError } from './errors.ts';
import { definitionOf } from './store.ts';
import type { Value } from './value.ts';
import { plain } from './value.ts';

/** Groups of Tryton 8.2 as far as rights hang on them. */
type Group = 'product' | 'sale';

export interface User {
  readonly id: number;
  readonly login: string;
  readonly administrator: boolean;
  readonly groups: readonly Group[];
}

export interface Passwords {
  readonly admin: string;
  readonly cutover: string;
  readonly sales: string;
}

type Right = 'read' | 'write' | 'create' | 'delete';

/** Logins and sessions. */
export interface Users {
  readonly sales: User;
  /** Gives the user `cutover` these groups instead of the ones it has; they count at once, in open sessions too. */
  regroup(groups: readonly Group[]): void;
  /** A new session: user id and key. Throws 401 for a wrong password and 429 after six of them. */
  login(login: Value | undefined, password: Value | undefined): readonly [number, string, null];
  /** Ends a session; 401 where it has ended. */
  logout(key: string): void;
  /** The user of the `Authorization` header; 401 for a session that was ended or never was. */
  userOf(authorization: string | undefined): { readonly user: User; readonly key: string };
}

/** Tryton counts wrong passwords by login and then answers 429 for 300 s; the logins it answers so count too. */
const wrongPasswordsAllowed = 5;
const lockedForMs = 300_000;

export function createUsers(passwords: Passwords): Users {
  const sales: User = { id: 5, login: 'sales', administrator: false, groups: ['product', 'sale'] };
  let known: readonly (User & { readonly password: string })[] = [
    { id: 1, login: 'admin', administrator: true, groups: [], password: passwords.admin },
    { id: 4, login: 'cutover', administrator: false, groups: ['product', 'sale'], password: passwords.cutover },
    { ...sales, password: passwords.sales },
  ];
  const sessions = new Map<string, string>();
  const wrong = new Map<string, number[]>();
  return {
    sales,
    regroup: (groups) => {
      known = known.map((user) => (user.login === 'cutover' ? { ...user, groups } : user));
    },
    login: (login, password) => {
      const name = plain(login);
      const recent = (wrong.get(name) ?? []).filter((at) => at > Date.now() - lockedForMs);
      if (recent.length > wrongPasswordsAllowed) {
        wrong.set(name, [...recent, Date.now()]);
        throw new HttpRefusal(429, 'Too Many Requests');
      }
      const user = known.find((candidate) => candidate.login === name && candidate.password === password);
      if (user === undefined) {
        wrong.set(name, [...recent, Date.now()]);
        throw new HttpRefusal(401, 'Unauthorized');
      }
      wrong.delete(name);
      const key = randomBytes(32).toString('hex');
      sessions.set(key, user.login);
      return [user.id, key, null];
    },
    logout: (key) => {
      if (!sessions.delete(key)) throw new HttpRefusal(401, 'Unauthorized');
    },
    userOf: (authorization) => {
      const encoded = /^Session (.+)$/.exec(authorization ?? '')?.[1] ?? '';
      const [login, id, key = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
      const user = known.find((candidate) => candidate.login === sessions.get(key));
      if (user === undefined || user.login !== login || String(user.id) !== id) throw new HttpRefusal(401, '');
      return { user, key };
    },
  };
}

/** Models that every user may change, and the group others need; what is not named here only administrators change. */
const writers: Readonly<Record<string, Group | null>> = {
  ...{ 'party.party': null, 'party.address': null, 'party.contact_mechanism': null, 'party.identifier': null },
  ...{ 'product.template': 'product', 'product.product': 'product', 'product.category': 'product' },
  ...{ 'sale.sale': 'sale', 'sale.line': 'sale' },
};

export function hasRight(user: User, model: string, right: Right): boolean {
  if (user.administrator) return true;
  const group = writers[model];
  if (group === undefined) return right === 'read';
  const reads = right === 'read' && group !== 'sale';
  return reads || group === null || user.groups.includes(group);
}

/** Throws Tryton's own refusal where the right is missing. */
export function needRight(user: User, model: string, right: Right): void {
  if (!hasRight(user, model, right)) throw new UserError(`You are not allowed to access "${definitionOf(model).label}".`);
}
