import { gateKinds } from '../rights.ts';
import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** Gates that could never open, because the plan takes the right to say go from a role they wait for. */
export function checkRights({ gates, rights }: Plan): readonly PlanProblem[] {
  return gateKinds.flatMap((kind) => {
    const named = rights.go?.[kind] === undefined ? '*' : kind;
    const allowed = rights.go?.[named];
    const without = allowed === undefined ? [] : gates[kind].roles.filter((role) => !allowed.includes(role));
    if (without.length === 0) return [];
    const message = `Gate "${kind}" waits for a go of ${without.join(' and ')}, who may not give one.`;
    return [inPlan(['rights', 'go', named], message, `Add ${without.join(' and ')} there, or take them out of gates.${kind}.roles.`)];
  });
}
