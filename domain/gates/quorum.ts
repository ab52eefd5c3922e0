import { isRole, type Role } from '../plan/names.ts';

/** An accepted go or no-go of one gate attempt. */
export interface Vote {
  readonly verb: 'go' | 'noGo';
  readonly role: Role;
  readonly by: string;
}

/** The votes among stored decisions of one gate attempt; what names no role or is neither go nor no-go is none. */
export function votesIn(
  decisions: readonly { readonly verb: string; readonly role: string | null; readonly person: string }[],
): readonly Vote[] {
  return decisions.flatMap(({ verb, role, person }) =>
    role !== null && isRole(role) && (verb === 'go' || verb === 'noGo') ? [{ verb, role, by: person }] : [],
  );
}

export interface Seat {
  readonly role: Role;
  readonly by: string;
}

/** Whether a gate has the decisions it needs, who fills which seat, and who stopped it. */
export interface Quorum {
  readonly met: boolean;
  readonly missing: readonly Role[];
  readonly seats: readonly Seat[];
  readonly stopped: Seat | null;
}

/**
 * Seats one more role, moving a person to another seat where somebody else can take over (an augmenting path of bipartite
 * matching, Kuhn 1955), so that who voted first never decides whether everybody can be seated.
 */
function seat(role: Role, goes: ReadonlyMap<Role, readonly string[]>, seated: Map<string, Role>, tried: Set<string>): boolean {
  for (const person of goes.get(role) ?? []) {
    if (tried.has(person)) continue;
    tried.add(person);
    const other = seated.get(person);
    if (other === undefined || seat(other, goes, seated, tried)) {
      seated.set(person, role);
      return true;
    }
  }
  return false;
}

/**
 * Counts the decisions of one gate attempt. One person fills one seat only, whatever roles they hold. A no-go stops the attempt,
 * whether it came before or after a go and whatever role gave it: only a new attempt can then open the gate.
 */
export function quorum(required: readonly Role[], votes: readonly Vote[]): Quorum {
  const goes = new Map<Role, string[]>();
  for (const { verb, role, by } of votes) {
    if (verb === 'go') goes.set(role, [...(goes.get(role) ?? []), by]);
  }
  const seated = new Map<string, Role>();
  const missing = [...new Set(required)].filter((role) => !seat(role, goes, seated, new Set()));
  const stop = votes.find(({ verb }) => verb === 'noGo');
  const stopped = stop === undefined ? null : { role: stop.role, by: stop.by };
  const seats = [...seated].map(([by, role]) => ({ role, by }));
  return { met: missing.length === 0 && stopped === null, missing, seats, stopped };
}
