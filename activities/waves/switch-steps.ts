import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import { mapFields } from '../../records/mapping.ts';
import type { Context } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';
import { resolverFor } from '../load/references.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import { pointerOf } from './pointer.ts';

/** Objects that a switch writes to, in order: documents are activated first, the CRM is pointed at them last. */
export function switchObjects({ objects, pointer }: Plan): readonly ObjectPlan[] {
  return [...objects.filter(({ activate }) => activate), ...objects.filter(({ name }) => name === pointer.object)];
}

/** What a switch still has to do to some records of one object. */
export interface DueWrites {
  readonly due: readonly { readonly row: CrosswalkRow; readonly target: TargetRecord; readonly write: SwitchWrite }[];
  /** Records that the target no longer has. */
  readonly gone: readonly CrosswalkRow[];
}

/** What a switch still has to write to these records, by what the target shows now. */
export async function dueWrites(context: Context, object: ObjectPlan, keys: readonly string[]): Promise<DueWrites> {
  const port = context.sys.target(object.target.system);
  const rows = (await context.ledger.crosswalk.bySource(context.scope, object.name, keys)).filter((row) => row.state === 'live');
  if (rows.length === 0) return { due: [], gone: [] };
  const ids = rows.map((row) => row.targetId);
  const targets = new Map((await port.get(object.target.object, ids)).map((record) => [record.id, record]));
  const step = await stepOf(
    context,
    object,
    rows.map(({ sourceId }) => sourceId),
  );
  const due = [];
  for (const row of rows) {
    const target = targets.get(row.targetId);
    const write = target === undefined ? null : await step(row, target);
    if (target !== undefined && write !== null) due.push({ row, target, write });
  }
  return { due, gone: rows.filter((row) => !targets.has(row.targetId)) };
}

/**
 * Records of a switch, as the target itself shows them, that are not yet activated or pointed at, or that are gone: while there is one the switch
 * cannot finish. Only a note that somebody changed meanwhile holds nothing up.
 */
export async function openSwitchActs(context: Context, ref: WaveRef): Promise<readonly string[]> {
  const open: string[] = [];
  for (const object of switchObjects(context.sys.plan))
    for await (const { due, gone } of dueInWave(context, ref, object)) {
      const undone = due.filter(({ write }) => write.operation !== 'annotate').map(({ row }) => row);
      open.push(...[...undone, ...gone].map(({ sourceId }) => `${object.name} ${sourceId}`));
    }
  return open;
}

/** What a switch still has to do to the records of an object whose accounts are sealed for this wave, page by page. */
export async function* dueInWave(context: Context, ref: WaveRef, object: ObjectPlan): AsyncGenerator<DueWrites> {
  const accounts = new Set(await context.ledger.freezes.held(ref.run, ref.wave, ['sealed']));
  for await (const heads of context.ledger.records.headPages(context.scope, ref.wave, object.name, 'there')) {
    const keys = heads.filter(({ account }) => accounts.has(account ?? '')).map(({ sourceId }) => sourceId);
    if (keys.length > 0) yield await dueWrites(context, object, keys);
  }
}

interface SwitchWrite {
  readonly operation: 'activate' | 'annotate' | 'update' | 'deactivate' | 'reactivate';
  readonly fields: Fields;
}
type Step = (row: CrosswalkRow, target: TargetRecord) => Promise<SwitchWrite | null>;

/** What a switch does to the records of an object: documents are activated, CRM accounts repointed, discontinued records taken out of the range or back into it. */
async function stepOf(context: Context, object: ObjectPlan, keys: readonly string[]): Promise<Step> {
  if (object.activate) return activation(context, object, keys);
  if (object.name === context.sys.plan.pointer.object) return repointing(context, keys);
  return retirement(context, object, keys);
}

/** Whether a wave with accounts has not switched. */
async function isAnyWaiting(context: Context): Promise<boolean> {
  const waves = await context.ledger.waves.all(context.ref.run);
  for (const { name, state } of waves.filter(({ name: other }) => other !== sharedWave))
    if (state !== 'switched' && (await accountsOf(context, name)).length > 0) return true;
  return false;
}

/** A discontinued record leaves the range once every wave is switched; until then one that we took out of it is put back. */
async function retirement(context: Context, object: ObjectPlan, keys: readonly string[]): Promise<Step> {
  const { ledger, scope } = context;
  if (!(await isAnyWaiting(context)))
    return (_, target) => Promise.resolve(target.state === 'active' ? { operation: 'deactivate', fields: {} } : null);
  const last = new Map(
    (await ledger.effects.history(scope, object.target.system, object.name, keys)).map((effect) => [effect.sourceId, effect]),
  );
  return ({ sourceId }, target) => {
    const effect = last.get(sourceId);
    const isOurs = target.state !== 'active' && effect?.operation === 'deactivate' && effect.undoes === null;
    return Promise.resolve(isOurs ? { operation: 'reactivate', fields: {} } : null);
  };
}

/** Activates a document at rest; one that an earlier attempt had activated only loses the note that it was returned to legacy. */
async function activation(context: Context, object: ObjectPlan, keys: readonly string[]): Promise<Step> {
  const { activated } = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  const records = await context.ledger.records.byKeys(context.scope, object.name, keys);
  const resolve = await resolverFor(
    context,
    object,
    records.map(({ payload }) => payload),
  );
  const sources = new Map(records.map((record) => [record.sourceId, record.payload]));
  return (row, target) => {
    if (!activated.includes(target.state)) return Promise.resolve({ operation: 'activate', fields: {} });
    const source = sources.get(row.sourceId);
    const comment = source === undefined ? null : (mapFields(object.fields, source, resolve).fields['comment'] ?? null);
    return Promise.resolve(comment === (target.fields['comment'] ?? null) ? null : { operation: 'annotate', fields: { comment } });
  };
}

async function repointing(context: Context, keys: readonly string[]): Promise<Step> {
  // What is to be written does not depend on whose book is the target already.
  const pointer = await pointerOf(context, keys, new Set());
  return (row, target) => {
    const fields = pointer.toWrite(row.sourceId, target);
    return Promise.resolve(fields === null ? null : { operation: 'update', fields });
  };
}
