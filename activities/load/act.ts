import type { Fields } from '../../contracts/fields.ts';
import { pickFields } from '../../domain/effects/fields.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { NewException } from '../../ledger/exceptions.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { seenOf } from '../effects/resolve.ts';
import { newEffects, type EffectDraft } from './new-effect.ts';
import { ownedBy, planRecord, type Action, type Situation } from './plan-record.ts';

/** An action by its name. */
type Named<Name extends Action['act']> = Extract<Action, { readonly act: Name }>;

/** One record beside what was decided about it. */
interface Decided<Chosen extends Action = Action> {
  readonly situation: Situation;
  readonly action: Chosen;
}

type Loss = 'held' | 'fenced';

/**
 * Decides about records and carries out what needs no write, all of one kind together: exceptions, matches, rows that stand as an earlier attempt
 * left them. Returns the effects of what does need one, or what took the lane's token.
 */
export async function actOn(context: Context, lane: ClaimedLane, situations: readonly Situation[]): Promise<readonly Intended[] | Loss> {
  const decided = situations.map((situation): Decided => ({ situation, action: planRecord(situation) }));
  const some = <Name extends Action['act']>(name: Name): readonly Decided<Named<Name>>[] =>
    decided.flatMap(({ situation, action }) => (isNamed(action, name) ? [{ situation, action }] : []));
  const writes = [...some('write'), ...some('rest')];
  const loss =
    (await inherit(context, lane, situations)) ??
    (await refuse(context, lane, some('exception'))) ??
    (await cure(
      context,
      lane,
      decided.filter(({ action }) => action.act !== 'exception'),
    )) ??
    (await match(context, lane, some('match'))) ??
    (await takeOver(context, lane, some('keep'), writes));
  if (loss !== null) return loss;
  const effects = await newEffects(
    lane,
    writes.map(({ situation, action }) => draft(situation, action)),
  );
  return effects.map((effect, index) => ({ effect, stamp: writes[index]?.action.target?.stamp ?? null }));
}

function isNamed<Name extends Action['act']>(action: Action, name: Name): action is Named<Name> {
  return action.act === name;
}

/**
 * What an earlier run left in use in the target is of the wave that meets it now, whatever becomes of it: a rollback gives it back as it was left, and new
 * business of its account is this wave's.
 */
async function inherit({ ledger }: Context, lane: ClaimedLane, situations: readonly Situation[]): Promise<Loss | null> {
  const rows = situations.flatMap(({ row }) =>
    row?.state === 'live' && row.run !== lane.row.run ? [{ id: row.id, contentHash: row.contentHash }] : [],
  );
  return rows.length === 0 ? null : ledger.crosswalk.takeOver(lane.token, rows);
}

/** Opens the exceptions of records; what stands in the target of some of them stays there as it is. */
async function refuse({ ledger }: Context, lane: ClaimedLane, decided: readonly Decided<Named<'exception'>>[]): Promise<Loss | null> {
  const kept = decided.flatMap(({ situation: { row }, action }) => (action.keeps === true && row !== null ? [row.id] : []));
  const loss = kept.length === 0 ? null : await ledger.crosswalk.keep(lane.token, kept);
  if (loss !== null) return loss;
  return ledger.exceptions.openByLane(
    lane.token,
    decided.map(({ action }) => action.exception),
  );
}

/** Closes the exceptions that these records are cured of. */
async function cure({ ledger }: Context, lane: ClaimedLane, decided: readonly Decided[]): Promise<null> {
  const keys = decided.map(({ situation }) => situation.record.sourceId);
  const object = decided[0]?.situation.object.name;
  if (object !== undefined) await ledger.exceptions.closeByLane(lane.token, object, keys, kindsThat('curedByLoad'));
  return null;
}

/** Records matches; where a target record turns out to stand for another source record, it is an exception that names both. */
async function match({ ledger }: Context, lane: ClaimedLane, decided: readonly Decided<Named<'match'>>[]): Promise<Loss | null> {
  if (decided.length === 0) return null;
  const owners = await ledger.crosswalk.match(
    lane.token,
    decided.map(({ situation: { object, record }, action: { target, hash, shares } }) => ({
      ...{ object: object.name, sourceId: record.sourceId, system: object.target.system, targetObject: object.target.object },
      ...{ targetId: target.id, shares, contentHash: hash ?? watchedHash(object, target.fields) },
    })),
  );
  if (typeof owners === 'string') return owners;
  const taken = decided.flatMap(({ situation: { object, record }, action }, index): NewException[] => {
    const owner = owners[index] ?? null;
    return owner === null ? [] : [ownedBy(object, record, action.target.id, owner)];
  });
  return ledger.exceptions.openByLane(lane.token, taken);
}

/** What the watched fields of a matched record were when it was recognized; null where the plan watches none. */
export function watchedHash(object: ObjectPlan, fields: Fields): string | null {
  return object.watched.length === 0 ? null : contentHash(pickFields(fields, object.watched));
}

/** Puts rows that an earlier attempt left under this one: those that stay as they are, and kept ones that are about to be written. */
async function takeOver(
  { ledger }: Context,
  lane: ClaimedLane,
  stay: readonly Decided<Named<'keep'>>[],
  written: readonly Decided<Named<'write' | 'rest'>>[],
): Promise<Loss | null> {
  const rows = [
    ...stay.flatMap(({ situation: { row }, action }) => (row === null ? [] : [{ id: row.id, contentHash: action.hash }])),
    ...written.flatMap(({ situation: { row } }) => (row?.state === 'kept' ? [{ id: row.id, contentHash: row.contentHash }] : [])),
  ];
  return rows.length === 0 ? null : ledger.crosswalk.takeOver(lane.token, rows);
}

/** The effect that a record needs. A document that a call left half-way is brought to its rest by an update without fields. */
function draft({ object, record }: Situation, action: Named<'write' | 'rest'>): EffectDraft {
  const write = action.act === 'write' ? action : { ...action, operation: 'update' as const, fields: {}, origin: null };
  return {
    system: object.target.system,
    object: object.name,
    targetObject: object.target.object,
    sourceId: record.sourceId,
    operation: write.operation,
    contentHash: write.hash,
    fields: write.fields,
    before: write.target === null ? null : seenOf(write.target),
    targetId: write.target?.id ?? null,
    origin: write.origin,
    undoes: null,
  };
}
