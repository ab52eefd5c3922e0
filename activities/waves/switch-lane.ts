import type { LaneEnd } from '../../contracts/activities.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { perform } from '../effects/perform.ts';
import type { Performed } from '../effects/performed.ts';
import { capabilityOf } from '../effects/proof.ts';
import { seenOf } from '../effects/resolve.ts';
import { withLane } from '../effects/with-lane.ts';
import { writeDown } from '../effects/write-down.ts';
import { blockedAccounts } from '../load/blocked.ts';
import { newEffect } from '../load/new-effect.ts';
import { objectOf, resolverFor } from '../load/references.ts';
import { mapFields } from '../../records/mapping.ts';
import { accountsOf, switchableAccounts } from './open-wave.ts';
import { pointerOf } from './pointer.ts';

/** Records of one lane at most: activating a document is slow in every ERP. */
const laneSize = 50;

/** Lanes of a switch, in order: documents are activated first, the CRM is pointed at them last. */
export function planSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    const { plan } = context.sys;
    const accounts = new Set(await switchableAccounts(context, ref.wave, await blockedAccounts(context)));
    const lanes: number[] = [];
    for (const object of [...plan.objects.filter(({ activate }) => activate), objectOf(context, plan.pointer.object)]) {
      const records = (await deps.ledger.records.latest(context.scope, ref.wave, object.name)).filter(
        (record) => record.disposition !== 'gone' && accounts.has(record.account ?? ''),
      );
      lanes.push(
        ...(await deps.ledger.lanes.plan(
          { run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'switch', object: object.name },
          records.map((record) => record.sourceId),
          laneSize,
        )),
      );
    }
    return lanes;
  };
}

/** Runs one lane of a switch: activates its documents, or repoints its CRM accounts; what is done already is left alone. */
export function switchLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, switchRecords);
}

async function switchRecords(context: Context, lane: ClaimedLane): Promise<Performed> {
  const object = objectOf(context, lane.row.object);
  context.point('duringSwitch');
  const { system, object: targetObject } = object.target;
  const performed = await perform(lane, system, targetObject, await effectsOf(context, lane, object));
  if (performed.stopped !== 'fenced') await writeDown(context, lane, object, performed);
  return performed;
}

async function effectsOf(context: Context, lane: ClaimedLane, object: ObjectPlan): Promise<readonly Intended[]> {
  const port = context.sys.target(object.target.system);
  const rows = (await context.ledger.crosswalk.bySource(context.scope, object.name, lane.row.keys)).filter((row) => row.state === 'live');
  const targets = new Map(
    (
      await port.get(
        object.target.object,
        rows.map((row) => row.targetId),
      )
    ).map((record) => [record.id, record]),
  );
  const step = await stepOf(context, object);
  const intended: Intended[] = [];
  for (const row of rows) {
    const target = targets.get(row.targetId);
    const write = target === undefined ? null : await step(row, target);
    if (target === undefined || write === null) continue;
    const effect = await newEffect(lane, {
      system: object.target.system,
      object: object.name,
      targetObject: object.target.object,
      sourceId: row.sourceId,
      operation: write.operation,
      contentHash: contentHash(write.fields),
      fields: write.fields,
      before: seenOf(target),
      targetId: target.id,
      origin: null,
      undoes: null,
    });
    intended.push({ effect, stamp: target.stamp });
  }
  return intended;
}

interface SwitchWrite {
  readonly operation: 'activate' | 'annotate' | 'update' | 'deactivate' | 'reactivate';
  readonly fields: Fields;
}
type Step = (row: CrosswalkRow, target: TargetRecord) => Promise<SwitchWrite | null>;

/** What a switch does to the records of an object: documents are activated, CRM accounts repointed, discontinued records taken out of the range or back into it. */
async function stepOf(context: Context, object: ObjectPlan): Promise<Step> {
  if (object.activate) return activation(context, object);
  if (object.name === context.sys.plan.pointer.object) return repointing(context);
  return retirement(context, object);
}

/** A discontinued record leaves the range once every wave is switched; until then one that we took out of it is put back. */
async function retirement(context: Context, object: ObjectPlan): Promise<Step> {
  const { ledger, ref, scope } = context;
  const waves = (await ledger.waves.all(ref.run)).filter(({ name }) => name !== sharedWave);
  const waiting = await Promise.all(
    waves.map(async ({ name, state }) => state !== 'switched' && (await accountsOf(context, name)).length > 0),
  );
  if (!waiting.includes(true))
    return (_, target) => Promise.resolve(target.state === 'active' ? { operation: 'deactivate', fields: {} } : null);
  return async ({ sourceId }, target) => {
    if (target.state === 'active') return null;
    const last = (await ledger.effects.history(scope, object.target.system, object.name, [sourceId])).at(-1);
    return last?.operation === 'deactivate' && last.undoes === null ? { operation: 'reactivate', fields: {} } : null;
  };
}

/** Activates a document at rest; one that an earlier attempt had activated only loses the note that it was returned to legacy. */
async function activation(context: Context, object: ObjectPlan): Promise<Step> {
  const { activated } = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  const resolve = await resolverFor(context, object);
  return async (row, target) => {
    if (!activated.includes(target.state)) return { operation: 'activate', fields: {} };
    const record = await context.ledger.records.byKey(context.scope, object.name, row.sourceId);
    const comment = record === null ? null : (mapFields(object.fields, record.payload, resolve).fields['comment'] ?? null);
    return comment === (target.fields['comment'] ?? null) ? null : { operation: 'annotate', fields: { comment } };
  };
}

async function repointing(context: Context): Promise<Step> {
  const pointer = await pointerOf(context);
  return (row, target) => {
    const fields = pointer.toWrite(row.sourceId, target);
    return Promise.resolve(fields === null ? null : { operation: 'update', fields });
  };
}
