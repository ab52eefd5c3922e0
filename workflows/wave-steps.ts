import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { movedOn, type RunSetup } from '../contracts/activities.ts';
import { gateNames, ids, sharedWave, type WaitingGate, type WaveRef } from '../contracts/messages.ts';
import { check, laneRun, longRun, quickly } from './activity-proxies.ts';
import { waitAtGate, type GateEnd } from './gate.ts';
import { runLane } from './lanes.ts';
import { load } from './load.ts';
import { decidedSignal, heldSignal, progressSignal, resumedSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';

/** Whether an activity found that somebody else has taken the wave over. */
export function cameTooLate(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === movedOn;
}

/** Somebody else has taken the wave over. */
export class Fenced extends Error {}
/** Readiness or the proof of the way back failed again and again: the wave does not open. */
export class NotReady extends Error {}

/** The steps of one wave attempt; each waits while the run is held and tells the run what it does. */
export class WaveSteps {
  readonly #ref: WaveRef;
  readonly #setup: RunSetup;
  /** The present attempt of the shared records. */
  readonly #shared: WaveRef;
  readonly #state = { held: false, resumed: false, news: false };
  #round = 0;
  /** Workflow id of the load under way. */
  #loading: string | null = null;

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
      async () => {
        this.#state.held = false;
        this.#state.resumed = true;
        this.#state.news = true;
        if (this.#loading !== null) await signalIfThere(this.#loading, resumedSignal);
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

  /** How often the wave may come to its gate. */
  get maxAttempts(): number {
    return this.#setup.gates.switch.maxAttempts;
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
    const gate = gateNames.switch(this.#ref.wave);
    await this.#begin(`gate ${gate}`);
    const show = (waiting: WaitingGate | null): Promise<void> => this.#tell(`gate ${gate}`, waiting);
    const end = await waitAtGate({ ...this.#ref, gate, kind: 'switch' }, this.#setup.gates.switch, { desk: this.#state, show });
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
      this.#loading = workflowId;
      const end = await executeChild(load, {
        workflowId,
        args: [ref, object],
        staticSummary: `load ${object} of ${ref.wave}`,
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
      this.#loading = null;
      if (end === 'fenced') throw new Fenced(object);
    }
    for (const [index, lane] of (await quickly.planTombstones(ref)).entries()) {
      const name = `vanished records, lane ${String(index + 1)}`;
      await this.#lane(name, () => laneRun(name).loadLane(ref, lane));
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
      if (!(error instanceof ActivityFailure) || isCancellation(error) || cameTooLate(error)) throw error;
      await this.#tell(`not ready: ${error.cause?.message ?? error.message}`, null);
      throw new NotReady(error.message);
    }
  }

  /** A run that was terminated hears nothing; the wave then ends at its next write, fenced by the ledger. */
  async #tell(step: string, waiting: WaitingGate | null): Promise<void> {
    await signalIfThere(this.#ref.run, progressSignal, { wave: this.#ref.wave, step, waiting });
  }
}
