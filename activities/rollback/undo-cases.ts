import type { TargetRecord } from '../../contracts/adapter.ts';
import type { SeenRecord } from '../../domain/effects/verdict.ts';
import { standingStatuses } from '../../domain/effects/outcome.ts';
import type { UndoCase, UndoDecision } from '../../domain/rollback/case.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import { imagesOf } from '../effects/edited.ts';
import { capabilityOf } from '../effects/proof.ts';

/** All effects of a rollback's scope on one target record, oldest first. */
export interface RecordEffects {
  readonly system: string;
  readonly object: string;
  readonly targetObject: string;
  readonly sourceId: string;
  readonly targetId: string;
  readonly effects: readonly EffectRow[];
  /** Undo effects that the system has applied to it in this attempt, oldest first. */
  readonly undos: readonly EffectRow[];
}

/** A record as it was seen, with what was decided about it. */
export interface DecidedUndo {
  readonly record: RecordEffects;
  readonly seen: TargetRecord | null;
  readonly decision: UndoDecision;
}

/** Groups applied effects by the record they wrote; a record in which none of ours stands any more is left out. */
export function groupByRecord(effects: readonly EffectRow[]): readonly RecordEffects[] {
  const groups = Map.groupBy(
    effects.filter(({ targetId, status }) => targetId !== null && standingStatuses.includes(status)),
    ({ system, targetObject, targetId }) => JSON.stringify([system, targetObject, targetId]),
  );
  return [...groups.values()].flatMap((all) => {
    const [group, undos] = [all.filter(({ undoes }) => undoes === null), all.filter(({ undoes }) => undoes !== null)];
    const [first] = group;
    return first?.targetId == null
      ? []
      : [
          {
            system: first.system,
            object: first.object,
            targetObject: first.targetObject,
            sourceId: first.sourceId,
            targetId: first.targetId,
            effects: group,
            undos,
          },
        ];
  });
}

/** The case of one record for the decision table of P7. */
export function undoCaseOf(context: Context, record: RecordEffects, seen: SeenRecord | null, inUse: boolean): UndoCase {
  const { effects } = record;
  const capability = capabilityOf(context.sys.target(record.system).capabilities.objects, record.targetObject);
  const created = effects.some((effect) => effect.operation === 'create');
  const { before, after } = imagesOf(effects, capability);
  return {
    origin: created ? 'created' : 'matched',
    seen,
    before: created ? null : before,
    after,
    undoKinds: capability.undo,
    allowedMilder: ['deactivate', 'cancel'],
    inUse,
    volatile: capability.volatile,
    decimals: capability.decimals,
    halfWayStates: capability.halfWay,
  };
}
