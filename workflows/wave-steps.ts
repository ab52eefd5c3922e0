import { ActivityFailure, ApplicationFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import { loadStep, movedOn, type RunSetup, type SwitchStepEnd } from '../contracts/activities.ts';
import { gateNames, ids, sharedWave, type WaitingGate, type WaveRef } from '../contracts/messages.ts';
import { entryOf, type WaveCourse, type WaveEntry } from '../domain/waves/entry.ts';
import { check, laneRun, longRun, overAll, quickly } from './activity-proxies.ts';
import { Children } from './child.ts';
import { waitAtGate, type GateEnd } from './gate.ts';
import { runLane } from './lanes.ts';
import { load } from './load.ts';
import { restIfOver } from './long.ts';
import { abandonSignal, resumedSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { hearRun, type Told } from './wave-signals.ts';
import { Fenced, WaveTelling } from './wave-telling.ts';
import { condition, sleep } from './timers.ts';

/** Whether an activity found that somebody else has taken the wave over. */
export function cameTooLate(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === movedOn;
}

/** Readiness or the proof of the way back failed again and again: the wave does not open. */
export class NotReady extends Error {}

/** Between two tries of a switch of which something was refused (ms): twice as long each time. */
const firstSwitchWaitMs = 15_000;
const longestSwitchWaitMs = 600_000;

/** The steps of one wave attempt; each waits while the run is held and tells the run what it does. */
export class WaveSteps {
  readonly #ref: WaveRef;
  readonly #setup: RunSetup;
  /** The present attempt of the shared records. */
  readonly #shared: WaveRef;
  readonly #told: Told;
  readonly #children = new Children();
  readonly #telling: WaveTelling;
  /** Workflow id of the load under way. */
  #loading: string | null = null;

  constructor(ref: WaveRef, setup: RunSetup, sharedAttempt: number, isHeld: boolean) {
    this.#ref = ref;
    this.#setup = setup;
    this.#shared = { ...ref, wave: sharedWave, attempt: sharedAttempt };
    this.#told = { held: isHeld, resumed: false, news: false, again: false };
    this.#telling = new WaveTelling(ref, this.#told);
    hearRun(this.#told, {
      goOn: async () => {
        if (this.#loading !== null) await signalIfThere(this.#loading, resumedSignal);
      },
      tellAgain: async () => {
        await this.#telling.again();
      },
    });
  }

  /** Where the ledger has the wave; a load that was begun and never ended is brought to its end first. */
  async takeUp(course: WaveCourse): Promise<WaveEntry> {
    const stands = await quickly.waveStands(this.#ref);
    const entry = entryOf(course, stands);
    const { state } = stands;
    const left = state === 'planned' || entry === 'over' || entry === 'done' ? null : await quickly.unendedStep(this.#ref, loadStep);
    if (left !== null && (state === 'loading' || state === 'shadow' || state === 'frozen')) await this.loadRecords();
    return entry;
  }

  /** Whether the run told it to begin no further step. */
  get isHeld(): boolean {
    return this.#told.held;
  }

  /** Tells the load under way that the wave is taken back: it begins no further lane. */
  async abandonLoad(): Promise<void> {
    if (this.#loading !== null) await signalIfThere(this.#loading, abandonSignal);
  }

  /** How often the wave may come to its gate. */
  get maxAttempts(): number {
    return this.#setup.gates.switch.maxAttempts;
  }

  async readiness(): Promise<void> {
    await this.#begin('readiness');
    await this.#unheld('readiness', () => this.#checked(() => check('readiness').openWave(this.#ref)));
    if (this.#ref.wave !== sharedWave) await this.#refreshShared(true);
  }

  async proveWayBack(): Promise<void> {
    if (this.#ref.wave === sharedWave) return;
    await this.#begin('proving the way back on canaries');
    await this.#checked(() => this.#lane('canaries', () => check('reverse probe').probeWayBack(this.#ref)));
  }

  async freeze(): Promise<void> {
    await this.#begin('freezing its accounts in legacy');
    // The round tells which attempts of the gate belong to this freeze.
    const { round } = await quickly.beginStep(this.#ref, 'freeze');
    await longRun('transaction freeze').freezeWave(this.#ref);
    await quickly.endStep(this.#ref, 'freeze', round);
  }

  /** What was staged when the run began may be weeks old: the load is to begin with what legacy says now. */
  async bringUpToDate(): Promise<void> {
    await this.#begin('reading what changed since the export');
    await this.#stage('delta before the load');
  }

  /**
   * What changed in legacy while the wave was loaded and verified is carried over while legacy is open, so that the freeze begins with little to do.
   * What people have mended goes along: an account that comes right only behind the freeze costs another one.
   */
  async catchUp(): Promise<void> {
    await this.#begin('carrying over what changed meanwhile');
    await this.#refreshShared(true);
    if (await this.#stage('delta before the freeze', this.#ref, true)) await this.loadRecords();
  }

  /** Read under the freeze: shared records first, because a frozen order may name a product that came up a moment ago. */
  async delta(): Promise<void> {
    await this.#begin('reading the last delta');
    await this.#refreshShared();
    await this.#stage('last delta');
  }

  async loadRecords(): Promise<void> {
    await this.#begin('loading');
    await this.#load(this.#ref);
  }

  async shadow(): Promise<void> {
    await quickly.enterShadow(this.#ref);
    // What comes next is what a wave in shadow is taken up with: nothing is done twice for it.
    restIfOver();
    await this.verify();
  }

  /** Returns how many accounts came right only behind the freeze. */
  async verify(): Promise<number> {
    await this.#begin('verifying');
    const { late } = await longRun('verify').verifyWave(this.#ref);
    await longRun('compare the two books').compareBooks(this.#ref);
    return late;
  }

  /** Shadow: the source's changes reach the target by delta, and the two books are compared, on an interval, for the planned time. */
  async runInParallel(): Promise<void> {
    await this.#begin('parallel run');
    const { round, elapsedMs } = await quickly.beginStep(this.#ref, 'parallelRun');
    const until = Date.now() + this.#setup.timings.parallelRunMs - elapsedMs;
    let isLast: boolean;
    do {
      await sleep(this.#setup.timings.reconcileEveryMs, { summary: 'parallel run: until the next comparison' });
      // The last round is the catch-up before the freeze: without one the parallel run does not end.
      isLast = Date.now() + this.#setup.timings.reconcileEveryMs >= until;
      await this.#refreshShared(isLast);
      if (await this.#stage('delta of the parallel run', this.#ref, isLast)) await this.loadRecords();
      await longRun('compare the two books').compareBooks(this.#ref);
      restIfOver();
    } while (Date.now() < until || !isLast);
    await quickly.endStep(this.#ref, 'parallelRun', round);
  }

  async gate(): Promise<GateEnd> {
    const gate = gateNames.switch(this.#ref.wave);
    await this.#begin(`gate ${gate}`);
    // That it waits no more is told with what comes next, or seen by the run in the end of this workflow.
    const show = async (waiting: WaitingGate | null): Promise<void> => {
      if (waiting !== null) await this.#telling.tell(`gate ${gate}`, waiting);
    };
    return waitAtGate({ ...this.#ref, gate, kind: 'switch' }, this.#setup.gates.switch, { desk: this.#told, show, rest: restIfOver });
  }

  async seal(): Promise<'sealed' | 'lapsed' | 'changed'> {
    return this.#unheld('sealing legacy', () => longRun('seal legacy').sealWave(this.#ref));
  }

  async activate(): Promise<void> {
    for (let waitMs = firstSwitchWaitMs; ; waitMs = Math.min(2 * waitMs, longestSwitchWaitMs)) {
      await this.#begin('switching');
      const lanes = await overAll.planSwitch(this.#ref);
      for (const [index, lane] of lanes.entries()) {
        const name = `switch lane ${String(index + 1)} of ${String(lanes.length)}`;
        await this.#lane(name, () => laneRun(name).switchLane(this.#ref, lane));
      }
      const { end, open } = await overAll.finishSwitch(this.#ref);
      if (end === 'switched') return;
      if (end === 'stopped') throw new Fenced('switching');
      if (end === 'held') {
        restIfOver();
        await sleep('5s', { summary: 'held before the end of the switch' });
        continue;
      }
      const step = `switching: ${String(open)} activations or pointers are not done; they are tried again in ${String(waitMs / 1000)} s (the exceptions say why)`;
      await this.#begin(step);
      restIfOver();
      this.#told.resumed = false;
      await condition(() => this.#told.resumed, waitMs, { summary: step });
    }
  }

  async smoke(): Promise<void> {
    await this.#begin('smoke');
    await this.#lane('canary lead', () => longRun('canary lead').smokeTest(this.#ref));
    await longRun('first reads').compareBooks(this.#ref);
  }

  async soak(): Promise<void> {
    await this.#begin('soak');
    const { round, elapsedMs } = await quickly.beginStep(this.#ref, 'soak');
    await sleep(Math.max(1, this.#setup.timings.soakMs - elapsedMs), { summary: `soak of ${this.#ref.wave}` });
    await quickly.endStep(this.#ref, 'soak', round);
  }

  /** Changes of shared records (products) are loaded before the wave that may need them. */
  async #refreshShared(retries = false): Promise<void> {
    if (await this.#stage('delta of the shared records', this.#shared, retries)) await this.#load(this.#shared);
  }

  /** Reads what changed; whether anything is to be loaded. A load that was left half-way comes to its end first. */
  async #stage(summary: string, ref = this.#ref, retries = false): Promise<boolean> {
    for (;;) {
      const staged = await longRun(summary).stageDelta(ref, retries);
      if (staged !== 'loadLeft') return staged > 0;
      await this.#load(ref);
    }
  }

  async #load(ref: WaveRef): Promise<void> {
    const objects = ref.wave === sharedWave ? this.#setup.sharedObjects : this.#setup.accountObjects;
    const { round } = await quickly.beginStep(ref, loadStep);
    const workflowId = ids.load(workflowInfo().workflowId, ref.wave === this.#ref.wave ? 'own' : 'shared', round);
    this.#loading = workflowId;
    const end = await this.#children.run({
      workflow: load,
      workflowId,
      args: [ref, objects],
      summary: `load ${objects.join(', ')} of ${ref.wave}`,
    });
    this.#loading = null;
    if (end === 'fenced') throw new Fenced(`load of ${ref.wave}`);
    for (const [index, lane] of (await overAll.planTombstones(ref)).entries()) {
      const name = `vanished records, lane ${String(index + 1)}`;
      await this.#lane(name, () => laneRun(name).loadLane(ref, lane));
    }
    await quickly.endStep(ref, loadStep, round);
  }

  async #lane(name: string, call: Parameters<typeof runLane>[2]): Promise<void> {
    if ((await runLane(name, this.#told, call)) === 'fenced') throw new Fenced(name);
    restIfOver();
  }

  /** A step that a hold can stop begins again once it is lifted; a no-go or a rollback ends this workflow. */
  async #unheld<T extends string>(step: string, work: () => Promise<T | SwitchStepEnd>): Promise<T> {
    for (;;) {
      await this.#begin(step);
      const end = await work();
      if (end === 'stopped') throw new Fenced(step);
      if (end !== 'held') return end;
      restIfOver();
      await sleep('5s', { summary: `held before ${step}` });
    }
  }

  async #begin(step: string): Promise<void> {
    while (this.#told.held) {
      restIfOver();
      await condition(() => !this.#told.held, '1h', { summary: `held before ${step}` });
    }
    await this.#telling.tell(step, null);
  }

  /** A check that failed to its last try says why on the status, and the wave ends without having opened. */
  async #checked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error) || cameTooLate(error)) throw error;
      await this.#telling.tell(`not ready: ${error.cause?.message ?? error.message}`, null);
      throw new NotReady(error.message);
    }
  }
}
