import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { perform } from '../effects/perform.ts';
import type { Performed } from '../effects/performed.ts';
import { seenOf } from '../effects/resolve.ts';
import { withLane } from '../effects/with-lane.ts';
import { writeDown } from '../effects/write-down.ts';
import { newEffects } from '../load/new-effect.ts';
import { objectOf } from '../load/references.ts';
import { progress } from '../pulse.ts';
import { dueInWave, dueWrites, switchObjects } from './switch-steps.ts';

/** Records of one lane at most, as in a load: each lane costs logins, and its batches stop where it is held, however many it has left. */
const laneSize = 1_000;

/**
 * Lanes of a switch, in order: documents are activated first, the CRM is pointed at them last. Only of what the target does not show as done, and of
 * what was left open: a switch that is planned again goes on where it was.
 */
export function planSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    const lanes: number[] = [];
    for (const object of switchObjects(context.sys.plan)) {
      const lane = { run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'switch', object: object.name } as const;
      // What a lane that is called no more has sent may show as done, and its call be open still.
      const keys = [...(await deps.ledger.calls.leftOpen(ref.run, ref.wave, object.name, lane))];
      for await (const { due, gone } of dueInWave(context, ref, object)) {
        keys.push(...[...due.map(({ row }) => row), ...gone].map(({ sourceId }) => sourceId));
        progress({ object: object.name, due: keys.length });
      }
      lanes.push(...(await deps.ledger.lanes.plan(lane, [...new Set(keys)], laneSize)));
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
  const rows = await effectsOf(context, lane, object);
  const performed = await perform(lane, system, targetObject, rows);
  if (performed.stopped !== 'fenced') await writeDown(context, lane, object, performed, { rows, read: [] });
  return performed;
}

async function effectsOf(context: Context, lane: ClaimedLane, object: ObjectPlan): Promise<readonly Intended[]> {
  const { due, gone } = await dueWrites(context, object, lane.row.keys);
  if (lane.row.kind === 'switch') await tellGone(context, lane, object, gone);
  const effects = await newEffects(
    lane,
    due.map(({ row, target, write }) => ({
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
    })),
  );
  return effects.map((effect, index) => ({ effect, stamp: due[index]?.target.stamp ?? null }));
}

/** Records that the target no longer has, each as an exception. */
async function tellGone({ ledger, scope }: Context, lane: ClaimedLane, object: ObjectPlan, gone: readonly CrosswalkRow[]): Promise<void> {
  const keys = gone.map(({ sourceId }) => sourceId);
  const accounts = await ledger.records.accountsOf(scope, object.name, keys);
  await ledger.exceptions.openByLane(
    lane.token,
    gone.map(({ sourceId, targetId }) => ({
      ...{ object: object.name, sourceId, account: accounts.get(sourceId) ?? null, kind: 'goneFromTarget', candidates: [targetId] },
      message: `${object.target.system} no longer has it; its account cannot be switched without it. Bring it back there, or take the wave back.`,
    })),
  );
}
