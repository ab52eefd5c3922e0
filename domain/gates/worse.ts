import type { Completeness } from '../waves/completeness.ts';
import type { LimitFact } from './limits.ts';

/** The facts of a gate attempt that people vote on. */
export interface GateFacts {
  readonly limits: readonly (LimitFact & { readonly detail: string })[];
  /** Open exceptions, each in words that name it. */
  readonly exceptions: readonly string[];
  readonly equations: readonly Completeness[];
  readonly pointsOfNoReturn: readonly string[];
  /** Hashes of the documents the run goes by. */
  readonly plan: string;
  readonly env: string;
}

/** The totals of an equation as one text, whatever the order of its amounts. */
function totalsOf({ object, lines }: Completeness): string {
  const texts = lines.map(
    ({ label, count, money }) =>
      `${label} ${String(count)} ${Object.entries(money)
        .map(([name, amount]) => `${name} ${amount}`)
        .sort()
        .join(' ')}`,
  );
  return `${object}: ${texts.join(', ')}`;
}

function added(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((line) => !before.includes(line));
}

/**
 * What got worse between the facts people voted on and the facts now, in words; null when nothing did. What got better voids no vote.
 * Totals count only where `frozen`: everywhere else business goes on and moves them.
 */
export function worsened(before: GateFacts, after: GateFacts, frozen: boolean): string | null {
  if (before.plan !== after.plan || before.env !== after.env) return 'the run goes by other documents than those voted on';
  const passed = before.limits.filter(({ verdict }) => verdict === 'pass').map(({ metric }) => metric);
  const failing = after.limits.filter(({ metric, verdict }) => verdict !== 'pass' && passed.includes(metric)).map(({ metric }) => metric);
  if (failing.length > 0) return `no longer within their limits: ${failing.join(', ')}`;
  const exceptions = added(before.exceptions, after.exceptions);
  if (exceptions.length > 0) return `new exceptions: ${exceptions.join('; ')}`;
  const points = added(before.pointsOfNoReturn, after.pointsOfNoReturn);
  if (points.length > 0) return `new points of no return: ${points.join('; ')}`;
  const totals = frozen ? added(before.equations.map(totalsOf), after.equations.map(totalsOf)) : [];
  return totals.length === 0 ? null : `totals moved behind the freeze: ${totals.join('; ')}`;
}
