import type { TargetChange } from '../../contracts/adapter.ts';
import type { Belonging } from '../../domain/rollback/new-business.ts';
import type { Context } from '../deps.ts';
import { objectOf } from '../load/references.ts';

/** Whose the records of one page of the target's change feed are: of customers of the plan as they stand in the target, or of nobody we moved. */
export interface Owners {
  /** To whom a record belongs as seen from a wave of the run, and its account where it is one of that wave. */
  of(change: TargetChange, wave: string): { readonly belonging: Belonging; readonly account: string | null };
  /** The waves of the run that it belongs to, none where it is of another run's account; null where it belongs to nobody. */
  waves(change: TargetChange): readonly string[] | null;
}

/** Asks the crosswalk for the customers that these records belong to, or are themselves. */
export async function ownersOf(context: Context, page: readonly TargetChange[]): Promise<Owners> {
  const { ledger, ref, scope, sys } = context;
  const customer = objectOf(context, sys.plan.pointer.to);
  const { system, object } = customer.target;
  const recordOf = (change: TargetChange): string => (change.object === object ? change.id : (change.owner ?? ''));
  const rows = await ledger.crosswalk.byTarget(scope, system, object, [...new Set(page.map(recordOf))]);
  const byTarget = Map.groupBy(
    rows.filter((row) => row.object === customer.name),
    ({ targetId }) => targetId,
  );
  return {
    of: (change, wave) => {
      const known = byTarget.get(recordOf(change));
      const own = known?.find((row) => row.run === ref.run && row.wave === wave);
      const belonging = own !== undefined ? 'wave' : known !== undefined ? 'elsewhere' : 'nobody';
      return { belonging, account: own?.sourceId ?? null };
    },
    waves: (change) => {
      const own = byTarget.get(recordOf(change))?.filter(({ run }) => run === ref.run);
      return own === undefined ? null : [...new Set(own.map(({ wave }) => wave))];
    },
  };
}
