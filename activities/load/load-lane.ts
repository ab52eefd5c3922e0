import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { Fields } from '../../contracts/fields.ts';
import { pickFields } from '../../domain/effects/fields.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Resolve } from '../../records/mapping.ts';
import type { Context, Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { perform } from '../effects/perform.ts';
import { nothing, type Performed } from '../effects/performed.ts';
import { seenOf } from '../effects/resolve.ts';
import { withLane } from '../effects/with-lane.ts';
import { writeDown } from '../effects/write-down.ts';
import { blockedAccounts } from '../accounts/blocked.ts';
import { desiredOf, requiredFields } from './desired.ts';
import { sweepDoubles } from './doubles.ts';
import { newEffect } from './new-effect.ts';
import { ownedBy, planRecord, type Action, type Situation } from './plan-record.ts';
import { objectOf, resolverFor } from './references.ts';
import { situate, type Mapped } from './situate.ts';

/** Loads one lane: brings every record of the lane to what its source says. */
export function loadLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, loadRecords);
}

async function loadRecords(context: Context, lane: ClaimedLane): Promise<Performed> {
  const object = objectOf(context, lane.row.object);
  const resolve = await resolverFor(context, object);
  const situations = await situate(context, object, await mapLane(context, lane, object, resolve), resolve);
  const rows: Intended[] = [];
  for (const situation of situations) {
    const todo = await act(context, lane, situation, planRecord(situation));
    if (typeof todo === 'string') return { ...nothing, stopped: todo };
    rows.push(...todo);
  }
  const performed = await perform(lane, object.target.system, object.target.object, rows);
  if (performed.stopped === 'fenced') return performed;
  // What a hold let through counts: its receipts are in.
  await writeDown(context, lane, object, performed);
  if (performed.stopped !== null) return performed;
  context.point('afterLane');
  const { stopped } = await sweepDoubles(context, lane, object);
  return { ...performed, stopped };
}

/** The lane's records as the mapping makes them, without those that already are as they should be. */
async function mapLane(context: Context, lane: ClaimedLane, object: ObjectPlan, resolve: Resolve): Promise<readonly Mapped[]> {
  const [records, rows, blocked, required] = await Promise.all([
    context.ledger.records.latest(context.scope, lane.row.wave, object.name, lane.row.keys),
    context.ledger.crosswalk.bySource(context.scope, object.name, lane.row.keys),
    blockedAccounts(context),
    requiredFields(context, object),
  ]);
  const bySource = new Map(rows.map((row) => [row.sourceId, row]));
  return records.map((record) => ({
    record,
    desired: desiredOf(object, record, { resolve, blocked, required }),
    row: bySource.get(record.sourceId) ?? null,
  }));
}

/** Carries out what needs no write, and returns the effects of what does. */
async function act(
  context: Context,
  lane: ClaimedLane,
  situation: Situation,
  action: Action,
): Promise<readonly Intended[] | 'held' | 'fenced'> {
  const { object, record, row } = situation;
  if (action.act === 'exception') {
    const loss = action.keeps === true && row !== null ? await context.ledger.crosswalk.keep(lane.token, row.id) : null;
    if (loss !== null) return loss;
    await openException(context, lane, action.exception);
    return [];
  }
  await context.ledger.exceptions.close(context.ref.run, object.name, record.sourceId, kindsThat('curedByLoad'));
  switch (action.act) {
    case 'none':
      return [];
    case 'rest':
      return [await intended(lane, situation, { ...action, operation: 'update', fields: {}, origin: null })];
    case 'match':
      return match(context, lane, situation, action);
    case 'keep':
      return row === null ? [] : ((await context.ledger.crosswalk.takeOver(lane.token, row.id, action.hash)) ?? []);
    case 'write': {
      // A kept record that may be written belongs to this attempt from here on, as its last load left it.
      const loss = row?.state === 'kept' ? await context.ledger.crosswalk.takeOver(lane.token, row.id, row.contentHash) : null;
      if (loss !== null) return loss;
      return [await intended(lane, situation, action)];
    }
  }
}

/** Records a match; where the target record turns out to stand for another source record, it is an exception that names both. */
async function match(
  context: Context,
  lane: ClaimedLane,
  { object, record }: Situation,
  { target, hash, shares }: Extract<Action, { act: 'match' }>,
): Promise<readonly Intended[] | 'held' | 'fenced'> {
  const { system, object: targetObject } = object.target;
  const owner = await context.ledger.crosswalk.match(lane.token, {
    ...{ object: object.name, sourceId: record.sourceId, system, targetObject, targetId: target.id, shares },
    contentHash: hash ?? watchedHash(object, target.fields),
  });
  if (typeof owner === 'string') return owner;
  if (owner !== null) await openException(context, lane, ownedBy(object, record, target.id, owner));
  return [];
}

/** What the watched fields of a matched record were when it was recognized; null where the plan watches none. */
export function watchedHash(object: ObjectPlan, fields: Fields): string | null {
  return object.watched.length === 0 ? null : contentHash(pickFields(fields, object.watched));
}

async function intended(
  lane: ClaimedLane,
  { object, record }: Situation,
  write: Omit<Extract<Action, { act: 'write' }>, 'act'>,
): Promise<Intended> {
  const effect = await newEffect(lane, {
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
  });
  return { effect, stamp: write.target?.stamp ?? null };
}

async function openException(
  context: Context,
  lane: ClaimedLane,
  exception: Parameters<Context['ledger']['exceptions']['open']>[2],
): Promise<void> {
  await context.ledger.exceptions.open(context.ref.run, lane.row.wave, exception);
}
