import {
  CancellationScope,
  condition,
  executeChild,
  ActivityFailure,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunSetup } from '../contracts/activities.ts';
import { ids, sharedWave, type WaitingGate, type WaveRef } from '../contracts/messages.ts';
import { check, laneRun, longRun, quickly } from './activity-proxies.ts';
import { waitAtGate, type GateEnd } from './gate.ts';
import { runLane } from './lanes.ts';
import { load } from './load.ts';
import { abandonSignal, decidedSignal, heldSignal, progressSignal, resumedSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';

/** Which part of a wave's way this workflow goes. */
export type Course = 'shared' | 'pilot' | 'parallelRun' | 'expansion';

/** How it ended; only `loaded` and `switched` are good ends, after all others the run takes the wave back or waits. */
export type WaveEnd = 'loaded' | 'switched' | 'abandoned' | 'notReady' | Exclude<GateEnd, 'go' | 'lapsed'>;

/** A wave: readiness, way back proved, freeze, last delta, load, verify, gate, switch, smoke, soak. */
export async function wave(ref: WaveRef, setup: RunSetup, course: Course, sharedAttempt: number): Promise<WaveEnd> {
  const steps = new WaveSteps(ref, setup, sharedAttempt);
  const scope = new CancellationScope({ cancellable: true });
  setHandler(
    abandonSignal,
    () => {
      scope.cancel();
    },
    { description: 'Sent by the run when this wave is rolled back.' },
  );
  try {
    return await scope.run(() => follow(steps, course));
  } catch (error) {
    if (error instanceof Fenced || (isCancellation(error) && scope.consideredCancelled)) return 'abandoned';
    if (error instanceof NotReady) return 'notReady';
    throw error;
  }
}

async function follow(steps: WaveSteps, course: Course): Promise<WaveEnd> {
  if (course !== 'parallelRun') {
    await steps.readiness();
    await steps.proveWayBack();
  }
  if (course === 'shared' || course === 'pilot') {
    await steps.loadRecords();
    await steps.shadow();
    return 'loaded';
  }
  if (course === 'parallelRun') await steps.runInParallel();
  return switchOver(steps);
}

/** From the freeze to the soak. A lapsed lease begins again at the freeze; a change behind the seal begins again at the delta. */
async function switchOver(steps: WaveSteps): Promise<WaveEnd> {
  for (let sealed = 'lapsed'; sealed !== 'sealed';) {
    if (sealed === 'lapsed') await steps.freeze();
    await steps.delta();
    await steps.loadRecords();
    await steps.verify();
    const end = await steps.gate();
    if (end === 'lapsed') continue;
    if (end !== 'go') return end;
    sealed = await steps.seal();
  }
  await steps.activate();
  await steps.smoke();
  await steps.soak();
  return 'switched';
}

class Fenced extends Error {}
/** Readiness or the proof of the way back failed again and again: the wave does not open. */
class NotReady extends Error {}

/** The steps of one wave attempt; each waits while the run is held and tells the run what it does. */
class WaveSteps {
  readonly #ref: WaveRef;
  readonly #setup: RunSetup;
  /** The present attempt of the shared records. */
  readonly #shared: WaveRef;
  readonly #state = { held: false, resumed: false, news: false };
  #round = 0;

  constructor(ref: WaveRef, setup: RunSetup, sharedAttempt: number) {
    this.#ref = ref;
    this.#setup = setup;
    this.#shared = { ...ref, wave: sharedWave, attempt: sharedAttempt };
    setHandler(
      heldSignal,
      () => {
        this.#state.held = true;
      },
      { description: 'Sent by the run: begin no further step.' },
    );
    setHandler(
      resumedSignal,
      () => {
        this.#state.held = false;
        this.#state.resumed = true;
      },
      { description: 'Sent by the run: go on.' },
    );
    setHandler(
      decidedSignal,
      () => {
        this.#state.news = true;
      },
      { description: 'Sent by the run when a decision was recorded.' },
    );
  }

  async readiness(): Promise<void> {
    await this.#begin('readiness');
    await this.#checked(() => check('readiness').openWave(this.#ref));
    if (this.#ref.wave !== sharedWave) await this.#refreshShared();
  }

  async proveWayBack(): Promise<void> {
    if (this.#ref.wave === sharedWave) return;
    await this.#begin('proving the way back on canaries');
    await this.#checked(() => this.#lane('canaries', () => check('reverse probe').probeWayBack(this.#ref)));
  }

  async freeze(): Promise<void> {
    await this.#begin('freezing its accounts in legacy');
    await longRun('transaction freeze').freezeWave(this.#ref);
  }

  async delta(): Promise<void> {
    await this.#begin('reading the last delta');
    await longRun('last delta').stageDelta(this.#ref);
  }

  async loadRecords(): Promise<void> {
    await this.#begin('loading');
    this.#round += 1;
    await this.#load(this.#ref, this.#ref.wave === sharedWave ? this.#setup.sharedObjects : this.#setup.accountObjects);
  }

  async shadow(): Promise<void> {
    await quickly.enterShadow(this.#ref);
    await this.verify();
  }

  async verify(): Promise<void> {
    await this.#begin('verifying');
    await longRun('verify').verifyWave(this.#ref);
    await longRun('compare the two books').compareBooks(this.#ref);
  }

  /** Shadow: the source's changes reach the target by delta, and the two books are compared, on an interval, for the planned time. */
  async runInParallel(): Promise<void> {
    await this.#begin('parallel run');
    const until = Date.now() + this.#setup.timings.parallelRunMs;
    do {
      await sleep(this.#setup.timings.reconcileEveryMs, { summary: 'parallel run: until the next comparison' });
      await this.#refreshShared();
      if ((await longRun('delta of the parallel run').stageDelta(this.#ref)) > 0) await this.loadRecords();
      await longRun('compare the two books').compareBooks(this.#ref);
    } while (Date.now() < until);
  }

  async gate(): Promise<GateEnd> {
    const gate = `switch-${this.#ref.wave}`;
    await this.#begin(`gate ${gate}`);
    const state = this.#state;
    const show = (waiting: WaitingGate | null): Promise<void> => this.#tell(`gate ${gate}`, waiting);
    const keeper = {
      get news(): boolean {
        return state.news;
      },
      set news(value: boolean) {
        state.news = value;
      },
      show,
    };
    const end = await waitAtGate({ ...this.#ref, gate, kind: 'switch' }, this.#setup.gates.switch, keeper);
    await this.#begin('after the gate');
    return end;
  }

  async seal(): Promise<'sealed' | 'lapsed' | 'changed'> {
    await this.#begin('sealing legacy');
    return longRun('seal legacy').sealWave(this.#ref);
  }

  async activate(): Promise<void> {
    await this.#begin('switching');
    const lanes = await quickly.planSwitch(this.#ref);
    for (const [index, lane] of lanes.entries()) {
      const name = `switch lane ${String(index + 1)} of ${String(lanes.length)}`;
      await this.#lane(name, () => laneRun(name).switchLane(this.#ref, lane));
    }
    await quickly.finishSwitch(this.#ref);
  }

  async smoke(): Promise<void> {
    await this.#begin('smoke');
    await this.#lane('canary lead', () => longRun('canary lead').smokeTest(this.#ref));
    await longRun('first reads').compareBooks(this.#ref);
  }

  async soak(): Promise<void> {
    await this.#begin('soak');
    await sleep(this.#setup.timings.soakMs, { summary: `soak of ${this.#ref.wave}` });
  }

  /** Changes of shared records (products) are loaded before the wave that may need them. */
  async #refreshShared(): Promise<void> {
    if ((await longRun('delta of the shared records').stageDelta(this.#shared)) === 0) return;
    this.#round += 1;
    await this.#load(this.#shared, this.#setup.sharedObjects);
  }

  async #load(ref: WaveRef, objects: readonly string[]): Promise<void> {
    for (const object of objects) {
      const workflowId = ids.load(workflowInfo().workflowId, this.#round, object);
      const end = await executeChild(load, {
        workflowId,
        args: [ref, object],
        staticSummary: `load ${object} of ${ref.wave}`,
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
      if (end === 'fenced') throw new Fenced(object);
    }
  }

  async #lane(name: string, call: Parameters<typeof runLane>[2]): Promise<void> {
    if ((await runLane(name, this.#state, call)) === 'fenced') throw new Fenced(name);
  }

  async #begin(step: string): Promise<void> {
    while (this.#state.held) await condition(() => !this.#state.held, '1h', { summary: `held before ${step}` });
    await this.#tell(step, null);
  }

  /** A check that failed to its last try says why on the status, and the wave ends without having opened. */
  async #checked(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      await this.#tell(`not ready: ${error.cause?.message ?? error.message}`, null);
      throw new NotReady(error.message);
    }
  }

  /** A run that was terminated hears nothing; the wave then ends at its next write, fenced by the ledger. */
  async #tell(step: string, waiting: WaitingGate | null): Promise<void> {
    await signalIfThere(this.#ref.run, progressSignal, { wave: this.#ref.wave, step, waiting });
  }
}
