import type { SandboxReply, SandboxRequest } from './http-server.ts';

/** One call a sandbox answered. `outcome` is `ok` or the vendor's own name of the refusal; secrets and record contents never stand here. */
export interface JournalEntry {
  readonly at: string;
  readonly user: string | null;
  readonly method: string;
  readonly outcome: string;
}

/** What a sandbox saw, apart from its own tables, for those who judge a run from outside. */
export interface Journal {
  record(user: string | null, method: string, outcome: string): void;
  /** Counts records made by calls that were committed, by model and user. */
  created(model: string, user: string, count: number): void;
  entries(): readonly JournalEntry[];
  /** Committed creates by model. */
  creates(): Readonly<Record<string, number>>;
  /** Committed creates by model, then by user. */
  createsByUser(): Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export function createJournal(): Journal {
  const entries: JournalEntry[] = [];
  const creates: Record<string, Record<string, number>> = {};
  return {
    record: (user, method, outcome) => entries.push({ at: new Date().toISOString(), user, method, outcome }),
    created: (model, user, count) => {
      const byUser = (creates[model] ??= {});
      byUser[user] = (byUser[user] ?? 0) + count;
    },
    entries: () => entries,
    creates: () =>
      Object.fromEntries(
        Object.entries(creates).map(([model, byUser]) => [model, Object.values(byUser).reduce((sum, count) => sum + count, 0)]),
      ),
    createsByUser: () => creates,
  };
}

/** What the control endpoints of a sandbox need of it. */
export interface Controlled {
  readonly journal: Journal;
  /** All business records, ids included. */
  tables(): unknown;
  /** Adds records as if keyed by hand; throws with a sentence where the seed is wrong. */
  seed(data: unknown): void;
}

/**
 * The endpoints under `/_sandbox/` that every sandbox has, for tests and demos only: `GET journal`, `GET creates`,
 * `GET creates-by-user`, `GET tables`,
 * `POST seed`. Null for any other path.
 */
export function controlReply(controlled: Controlled, request: SandboxRequest): SandboxReply | null {
  if (!request.path.startsWith('/_sandbox/')) return null;
  switch (`${request.method} ${request.path.slice('/_sandbox/'.length)}`) {
    case 'GET journal':
      return { status: 200, body: controlled.journal.entries() };
    case 'GET creates':
      return { status: 200, body: controlled.journal.creates() };
    case 'GET creates-by-user':
      return { status: 200, body: controlled.journal.createsByUser() };
    case 'GET tables':
      return { status: 200, body: controlled.tables() };
    case 'POST seed':
      controlled.seed(JSON.parse(request.body));
      return { status: 200, body: { seeded: true } };
    default:
      return { status: 404, body: 'no such control endpoint' };
  }
}
