import type { RunStatus, WaitingGate } from '../../../contracts/messages.ts';
import type { Driver } from '../../support/arena/driver.ts';
import type { Dice } from './dice.ts';
import { Life } from './life.ts';
import { isAtGate, Letters, soon, type LetterAct } from './letters.ts';
import type { Schedule } from './schedule.ts';

/** How long people try to go forward before they take the run back, and how long they then try to bring it to any end (ms). */
const patienceMs = 300_000;
const boundMs = 540_000;

/** The people who steer a run: they decide what waits, resume what is held, and bring it to its end by documented commands. */
export class Desk {
  readonly #driver: Driver;
  readonly #schedule: Schedule;
  readonly #dice: Dice;
  readonly #tell: (where: string) => void;
  readonly #letters: Letters;
  readonly #beganMs = Date.now();
  readonly life = new Life();
  #isOver = false;
  #told = '';
  /** The status that was seen last. */
  last: RunStatus | null = null;
  /** Where the run was when its people took it back because forward did not end; null where they need not. */
  tiredAt: RunStatus | null = null;
  /** What was needed beside decisions: recoveries, and starts after a refusal. */
  readonly notes: string[] = [];

  /** `tell` hears where the run is, whenever that has changed. */
  constructor(driver: Driver, schedule: Schedule, dice: Dice, tell: (where: string) => void) {
    [this.#driver, this.#schedule, this.#dice, this.#tell] = [driver, schedule, dice, tell];
    this.#letters = new Letters(driver);
  }

  /** Steers until the run has ended; returns its last line, or null where nobody can bring it to an end. */
  async steer(): Promise<string | null> {
    let end: string | null = null;
    for (let tookMs = 0; end === null && tookMs < boundMs; tookMs = Date.now() - this.#beganMs) {
      end = await this.#look(tookMs).catch(() => null);
      await pause(end === null ? this.#dice.between(200, 1_200) : 0);
    }
    this.#isOver = true;
    return end;
  }

  /** An act of the schedule that is a message. One at a gate waits for the next that is seen, so that it races with the votes of this desk. */
  async act(act: LetterAct): Promise<'done' | 'nothing to do'> {
    while (isAtGate(act) && !this.#isOver && (this.last?.waiting ?? null) === null) await pause(20);
    return this.#letters.act(act, this.last?.waiting ?? null);
  }

  /** One look at the run and what it asks for; its last line where it has ended. */
  async #look(tookMs: number): Promise<string | null> {
    const { status } = await soon(this.#driver, () => this.#driver.handle.describe());
    if (status.name === 'COMPLETED') return String(await soon(this.#driver, () => this.#driver.handle.result()));
    if (status.name !== 'RUNNING') return this.#takeUp(status.name);
    const seen = await soon(this.#driver, () => this.#driver.status());
    this.#see(seen);
    const isMeant = this.#schedule.ending !== 'close' && (this.life.hasCome(this.#schedule.backAt) || this.#isBeforeSwitch(seen));
    if (!isMeant && tookMs > patienceMs) this.tiredAt ??= seen;
    if ((isMeant || this.tiredAt !== null) && seen.rollback === null) await this.#letters.takeBackRun();
    if (seen.held !== null) await this.#letters.resume();
    if (seen.waiting !== null && !this.#isBeforeSwitch(seen)) await this.#decide(seen.waiting);
    return null;
  }

  #see(seen: RunStatus): void {
    const { phase, wave, waiting, rollback, held } = (this.last = seen);
    this.life.see(phase);
    const where = [phase, wave, waiting?.gate ?? null, rollback === null ? null : 'going back', held === null ? null : 'held'];
    const told = where.filter((part) => part !== null).join(', ');
    if (told !== this.#told) this.#tell(told);
    this.#told = told;
  }

  #isBeforeSwitch({ waiting }: RunStatus): boolean {
    return this.#schedule.ending === 'backBeforeSwitch' && waiting?.gate === 'switch-pilot';
  }

  /** A shut gate is measured again; an open one gets the votes that it misses. */
  async #decide(waiting: WaitingGate): Promise<void> {
    if (waiting.shut.length > 0) await soon(this.#driver, () => this.#driver.handle.signal('measureAgain'));
    else for (const role of waiting.missing) await this.#letters.go(waiting, role);
  }

  /** The workflow has ended and the run has not: `cutover recover`; a run that preflight refused is started again. */
  async #takeUp(found: string): Promise<string | null> {
    const state = (await this.#driver.ledger.runs.find(this.#driver.run))?.state;
    if (state === 'closed' || state === 'rolledBack' || state === 'rolledBackWithExceptions') return state;
    const recovered = await this.#driver.cli('recover', this.#driver.run, '--json');
    if (recovered.code === 0) this.notes.push(`recovered from ${found}`);
    else {
      await this.#driver.start();
      this.notes.push(`started again after ${found}: ${recovered.stderr.trim() || recovered.stdout.trim()}`);
    }
    return null;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
