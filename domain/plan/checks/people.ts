import { holdsRole } from '../../gates/binding.ts';
import { quorum } from '../../gates/quorum.ts';
import type { Env } from '../env.ts';
import type { Role } from '../names.ts';
import type { Plan } from '../plan.ts';
import { inEnv, type PlanProblem } from './problem.ts';

function checkIds({ people }: Env): readonly PlanProblem[] {
  const ids = people.map(({ id }) => id);
  return people.flatMap(({ id, deputy }, index) => {
    const problems: PlanProblem[] = [];
    if (ids.indexOf(id) < index)
      problems.push(inEnv(['people', index, 'id'], `There are two people "${id}".`, 'Give each an id of their own.'));
    if (deputy === id) problems.push(inEnv(['people', index, 'deputy'], `"${id}" is their own deputy.`, 'Name somebody else, or nobody.'));
    if (deputy !== undefined && !ids.includes(deputy)) {
      problems.push(
        inEnv(['people', index, 'deputy'], `The deputy "${deputy}" is not among the people.`, 'Add this person, with their own roles.'),
      );
    }
    return problems;
  });
}

/** Roles of the plan that nobody holds, and gates whose seats the people named cannot fill, one person a seat. */
export function checkPeople({ gates, guards, metrics, rights }: Plan, env: Env): readonly PlanProblem[] {
  const owners = [...guards, ...Object.values(metrics)].map(({ owner }) => owner);
  const needed = new Set<Role>([...Object.values(gates).flatMap(({ roles }) => roles), ...owners]);
  const isHeld = (role: Role): boolean => env.people.some(({ id }) => holdsRole(env.people, id, role));
  const unheld = [...needed].filter((role) => !isHeld(role));
  const unusable = Object.entries(rights).flatMap(([verb, byGate]) =>
    Object.entries(byGate)
      .filter(([, roles]) => !roles.some(isHeld))
      .map(([gate, roles]) =>
        inEnv(
          ['people'],
          `Nobody may ${verb === 'noGo' ? 'say no-go' : verb} at ${gate === '*' ? 'any gate' : `gate "${gate}"`}: no person holds ${roles.join(' or ')}.`,
          'Give one of these roles to a person, or name others under rights in the plan.',
        ),
      ),
  );
  const votes = [...needed].flatMap((role) =>
    env.people.filter(({ id }) => holdsRole(env.people, id, role)).map(({ id }) => ({ verb: 'go' as const, role, by: id })),
  );
  const unfilled = Object.entries(gates).flatMap(([name, { roles }]) => {
    const missing = quorum(roles, votes).missing.filter((role) => !unheld.includes(role));
    if (missing.length === 0) return [];
    return [
      inEnv(
        ['people'],
        `Gate "${name}" needs one person a role, and nobody is left for ${missing.join(' and ')}.`,
        'Name more people for its roles.',
      ),
    ];
  });
  const nobody = unheld.map((role) =>
    inEnv(['people'], `Nobody holds the role ${role}, which the plan uses.`, `Give ${role} to a person.`),
  );
  return [...checkIds(env), ...nobody, ...unusable, ...unfilled];
}
