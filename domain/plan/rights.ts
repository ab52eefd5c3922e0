import { z } from 'zod';
import { roleSchema, type Role } from './names.ts';

/** The kinds of gates of a plan. */
export const gateKinds = ['baseline', 'switch', 'retry', 'close'] as const;
export type GateKind = (typeof gateKinds)[number];

/** What can be decided. The last four are kept for decisions that are not taken by message yet. */
export const decisionVerbs = ['go', 'noGo', 'hold', 'resume', 'rollback', 'waiver', 'tune', 'resolve', 'amend'] as const;
export type DecisionVerb = (typeof decisionVerbs)[number];

/** Roles of which any one may decide, for each kind of gate, `*` for all that are not named. */
const perGateSchema = z.partialRecord(z.enum(['*', ...gateKinds]), z.array(roleSchema).min(1));

/** Who may decide what: a matrix of verb and gate to roles. What it does not name has a safe default. */
export const rightsSchema = z.partialRecord(z.enum(decisionVerbs), perGateSchema);
export type Rights = z.infer<typeof rightsSchema>;

/** What of a plan says who may decide. */
export interface RightsPlan {
  readonly gates: Readonly<Record<GateKind, { readonly roles: readonly Role[] }>>;
  readonly rights: Rights;
}

/** Every role that has a seat at a gate of the plan. */
function seats({ gates }: RightsPlan): readonly Role[] {
  return [...new Set(gateKinds.flatMap((kind) => gates[kind].roles))];
}

/**
 * The roles of which any one may decide this at a gate of this kind; `kind` null where no gate is open. Where the plan says nothing, any role with a
 * seat at the gate may say go or no-go there, and any role with a seat at any gate may hold, resume and roll back.
 */
export function rolesThatMay(plan: RightsPlan, verb: DecisionVerb, kind: GateKind | null): readonly Role[] {
  const given = plan.rights[verb];
  const named = (kind === null ? undefined : given?.[kind]) ?? given?.['*'];
  if (named !== undefined) return named;
  return (verb === 'go' || verb === 'noGo') && kind !== null ? plan.gates[kind].roles : seats(plan);
}
