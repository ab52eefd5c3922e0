import type { LaneEnd } from '../../contracts/activities.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { unmetFields } from '../../domain/effects/fields.ts';
import { contentHash } from '../../records/canonical.ts';
import { mapFields } from '../../records/mapping.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, stoppedBy, type Performed } from '../effects/performed.ts';
import { capabilityOf } from '../effects/proof.ts';
import { seenOf } from '../effects/resolve.ts';
import { withLane } from '../effects/with-lane.ts';
import { newEffect } from '../load/new-effect.ts';
import { resolverFor } from '../load/references.ts';

type Canary = Plan['canaries'][number];
type Operation = 'create' | 'update' | 'delete';

/** The name canaries have among the objects of the ledger; they count in no equation. */
export function canaryObject(canary: Pick<Canary, 'object'>): string {
  return `canary-${canary.object}`;
}

/**
 * The reverse probe: each canary is created, changed, restored and deleted in its system with the run's own credentials, documents up to their
 * resting state and back. Throws with the system's words where a step is refused: then no wave opens.
 */
export function probeWayBack(deps: Deps) {
  return async (ref: WaveRef): Promise<LaneEnd> => {
    const { plan } = await deps.systems(ref);
    return runCanaries(deps, ref, plan.canaries);
  };
}

/** Smoke: after the switch a canary lead still lands in the CRM, is read back and removed. */
export function smokeTest(deps: Deps) {
  return async (ref: WaveRef): Promise<LaneEnd> => {
    const { plan } = await deps.systems(ref);
    return runCanaries(
      deps,
      ref,
      plan.canaries.filter((canary) => canary.system === plan.roles.crm),
    );
  };
}

async function runCanaries(deps: Deps, ref: WaveRef, canaries: readonly Canary[]): Promise<LaneEnd> {
  const context = await contextOf(deps, ref);
  const key = `${context.sys.plan.canaryPrefix}${ref.wave}-${String(ref.attempt)}`;
  const id = await deps.ledger.lanes.only({ run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'probe', object: 'canary' }, [key]);
  return withLane(deps, ref, id, (own, lane, open) =>
    open > 0 ? Promise.resolve(nothing) : probe(new CanaryProbe(own, lane, key), canaries),
  );
}

async function probe(steps: CanaryProbe, canaries: readonly Canary[]): Promise<Performed> {
  for (const canary of canaries) {
    const stopped = await steps.forth(canary);
    if (stopped !== null) return stoppedBy(nothing, stopped);
  }
  for (const canary of [...canaries].reverse()) {
    const stopped = await steps.write(canary, 'delete', {});
    if (stopped !== null) return stoppedBy(nothing, stopped);
  }
  return nothing;
}

/** The steps of a reverse probe; each is an effect like any other, so that a process that dies leaves nothing unknown behind. */
class CanaryProbe {
  readonly #context: Context;
  readonly #lane: ClaimedLane;
  readonly #key: string;

  constructor(context: Context, lane: ClaimedLane, key: string) {
    this.#context = context;
    this.#lane = lane;
    this.#key = key;
  }

  /** Creates a canary, changes it, reads the change back, and restores it. Returns what took the lane, if anything did. */
  async forth(canary: Canary): Promise<Performed['stopped']> {
    const fields = await this.#fieldsOf(canary);
    const created = (await this.#targetId(canary)) === null ? await this.write(canary, 'create', fields) : null;
    if (created !== null || Object.keys(canary.change).length === 0) return created;
    const restored = Object.fromEntries(Object.keys(canary.change).map((name) => [name, fields[name] ?? null]));
    return (await this.write(canary, 'update', canary.change)) ?? this.write(canary, 'update', restored);
  }

  /** One step on one canary, read back. Returns what took the lane, if anything did. */
  async write(canary: Canary, operation: Operation, fields: Fields): Promise<Performed['stopped']> {
    const port = this.#context.sys.target(canary.system);
    const targetId = await this.#targetId(canary);
    const [before] = targetId === null ? [] : await port.get(canary.target, [targetId]);
    if (operation === 'delete' && before === undefined) return null;
    const effect = await newEffect(this.#lane, {
      system: canary.system,
      object: canaryObject(canary),
      targetObject: canary.target,
      sourceId: this.#key,
      operation,
      contentHash: contentHash(fields),
      fields,
      before: before === undefined ? null : seenOf(before),
      targetId,
      origin: operation === 'create' ? 'created' : null,
      undoes: null,
    });
    const performed = await perform(this.#lane, canary.system, canary.target, [{ effect, stamp: before?.stamp ?? null }]);
    if (performed.stopped !== null) return performed.stopped;
    if (performed.applied.length !== 1)
      throw new Error(
        `the way back is not proved: ${canary.system} would not ${operation} a canary ${canary.target}: ${performed.refused[0]?.message ?? 'it gave no clear answer'}`,
      );
    const id = await this.#targetId(canary);
    const [after] = id === null ? [] : await port.get(canary.target, [id]);
    if (
      operation === 'delete'
        ? after !== undefined
        : after === undefined || unmetFields(fields, after.fields, capabilityOf(port.capabilities.objects, canary.target)).length > 0
    ) {
      throw new Error(
        `the way back is not proved: ${canary.system} said it did ${operation} a canary ${canary.target}, but reading it back shows otherwise`,
      );
    }
    return null;
  }

  async #targetId({ object }: Canary): Promise<string | null> {
    const [row] = await this.#context.ledger.crosswalk.bySource(this.#context.scope, canaryObject({ object }), [this.#key]);
    return row?.targetId ?? null;
  }

  async #fieldsOf(canary: Canary): Promise<Fields> {
    const rows = await Promise.all(
      this.#context.sys.plan.canaries.map(async (other) => [other.object, await this.#targetId(other)] as const),
    );
    const own = new Map(rows);
    const record: Fields = { ...(canary.record as Fields), canary_key: this.#key };
    const others = await resolverFor(this.#context, { fields: canary.fields, target: { system: canary.system } }, [record]);
    const { fields, missing, problems } = mapFields(canary.fields, record, (object, key) => own.get(object) ?? others(object, key));
    if (missing.length + problems.length > 0)
      throw new Error(
        `the canary ${canary.object} cannot be made: ${[...problems.map(({ field, message }) => `${field}: ${message}`), ...missing.map(({ object, key }) => `${object} ${key} is missing`)].join('; ')}`,
      );
    return fields;
  }
}
