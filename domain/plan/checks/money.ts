import { currencyRuleOf } from '../currency.ts';
import type { ObjectPlan } from '../mapping.ts';
import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** Amounts that would be compared with themselves, that have no currency, or of which the target keeps one figure only. */
export function checkMoney({ objects }: Plan): readonly PlanProblem[] {
  return objects.flatMap((object, index) => checkObject(object, ['objects', index]));
}

function checkObject(object: ObjectPlan, path: PlanProblem['path']): readonly PlanProblem[] {
  const rules = Object.entries(object.money);
  if (rules.length === 0) return [];
  const problems = rules.flatMap(([name, rule]) => {
    if ('lines' in rule || rule.rate !== undefined || rule.target !== undefined) return [];
    const message = `The amount "${name}" of "${object.name}" is a column of the source, and nothing says where the target has it: the source would be compared with itself.`;
    return [inPlan([...path, 'money', name], message, 'Add target: the field in which the target says this amount itself.')];
  });
  for (const [name] of rules.filter(([, { rate }]) => rate !== undefined).slice(1)) {
    const message = `"${object.name}" has more than one amount with a rate, and the target has one tax for the whole document.`;
    problems.push(
      inPlan(
        [...path, 'money', name],
        message,
        'Keep one rule with a rate, over all taxed lines: taxes are rounded rate by rate all the same.',
      ),
    );
  }
  if (currencyRuleOf(object) === null) {
    const message = `The amounts of "${object.name}" have no currency, and amounts of several currencies must never be added into one.`;
    problems.push(
      inPlan([...path, 'money'], message, 'Add currency: { from: a column of its queries }, or { value: EUR } where there is only one.'),
    );
  }
  return problems;
}
