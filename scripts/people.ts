import { holdsRole } from '../domain/gates/binding.ts';
import type { Env } from '../domain/plan/env.ts';
import { isRole, type Role } from '../domain/plan/names.ts';

/** People who may decide in a role, those who hold it themselves first; ids only. */
export function holdersOf(env: Env | null, role: string): readonly string[] {
  if (env === null || !isRole(role)) return [];
  const all = env.people.filter(({ id }) => holdsRole(env.people, id, role));
  return [...all.filter(({ roles }) => roles.includes(role)), ...all.filter(({ roles }) => !roles.includes(role))].map(({ id }) => id);
}

/** A role with the people who may decide in it: `finance (ada or eve)`. */
export function roleText(env: Env | null, role: string): string {
  const holders = holdersOf(env, role);
  return holders.length === 0 ? role : `${role} (${holders.join(' or ')})`;
}

/** Every role somebody holds, for what anybody with a role may do. */
export function heldRoles(env: Env | null): readonly Role[] {
  return env === null ? [] : [...new Set(env.people.flatMap(({ roles }) => roles))];
}
