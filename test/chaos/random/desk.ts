import { randomUUID } from 'node:crypto';
import type { RunStatus, WaitingGate } from '../../../contracts/messages.ts';
import { holders, type Driver } from '../../support/arena/driver.ts';
import type { Dice } from './dice.ts';
import type { Act, Schedule } from './schedule.ts';

/** How long people try to go forward before they take the run back, and how long they then try to bring it to any end (ms). */
const patienceMs = 90_000;
const boundMs = 270_000;

type DeskAct = Extract<Act, { kind: 'hold' | 'holdAndResume' | 'noGo' | 'goAndNoGo' | 'twice' | 'rollback' }>;

/** The people who steer a run: they decide what waits, resume what is held, and bring it to its end by documented commands. */
export class Desk {
  readonly #driver: Driver;
  readonly #schedule: Schedule;
  readonly #dice: Dice;
  readonly #beganMs = Date.now();
  #last: RunStatus | null = null;
  /** What was needed beside decisions: recoveries, starts after a refusal, a way back because forward did not end. */
  readonly notes: string[] = [];

  constructor(driver: Driver, schedule: Schedule, dice: Dice) {
    [this.#driver, this.#schedule, this.#dice] = [driver, schedule, dice];
  }

  /** Steers until the run has ended; returns its last line. Fails with the last status where nobody brings it to an end. */
  async steer(): Promise<string> {
    for (;;) {
      const tookMs = Date.now() - this.#beganMs;
      if (tookMs > boundMs) throw new Error(`nobody could bring the run to an end; the last status was ${JSON.stringify(this.#last)}`);
      const end = await this.#look(tookMs).catch(() => null);
      if (end !== null) return end;
      await pause(this.#dice.between(200, 1_200));
    }
  }

  /** An act of the schedule that is a message. */
  async act(act: DeskAct): Promise<'done' | 'nothing to do'> {
    const it = { by: 'it', role: 'it' } as const;
    if (act.kind === 'rollback') await this.#say('rollback', { verb: 'rollback', scope: act.wave, ...it });
    if (act.kind === 'hold' || act.kind === 'holdAndResume') await this.#say('hold', { verb: 'hold', ...it });
    if (act.kind === 'holdAndResume') await this.#say('resume', { verb: 'resume', holds: 'all', ...it });
    if (act.kind === 'rollback' || act.kind === 'hold' || act.kind === 'holdAndResume') return 'done';
    const waiting = this.#last?.waiting ?? null;
    if (waiting === null) return 'nothing to do';
    const [role = 'it'] = waiting.roles;
    const noGo = { verb: 'noGo', gate: waiting.gate, by: holders[role] ?? role, role };
    if (act.kind === 'noGo') await this.#say('decide', noGo);
    else if (act.kind === 'goAndNoGo') await Promise.all([this.#go(waiting, role), this.#say('decide', noGo)]);
    else {
      const requestId = randomUUID();
      await Promise.all([this.#go(waiting, role, requestId), this.#go(waiting, role, requestId)]);
    }
    return 'done';
  }

  /** One look at the run and what it asks for; its last line where it has ended. */
  async #look(tookMs: number): Promise<string | null> {
    const { status } = await within(this.#driver.handle.describe());
    if (status.name === 'COMPLETED') return String(await within(this.#driver.handle.result()));
    if (status.name !== 'RUNNING') return this.#takeUp(status.name);
    const seen = await within(this.#driver.status());
    this.#last = seen;
    const isTakenBack = this.#schedule.ending !== 'close' && (tookMs > this.#schedule.backAtMs || this.#isBeforeSwitch(seen));
    if (isTakenBack || tookMs > patienceMs) {
      if (!isTakenBack && !this.notes.includes(tired)) this.notes.push(tired, JSON.stringify(seen));
      if (seen.rollback === null) await this.#say('rollback', { verb: 'rollback', scope: 'run', by: 'it', role: 'it' });
    }
    if (seen.held !== null) await this.#say('resume', { verb: 'resume', holds: 'all', by: 'it', role: 'it' });
    if (seen.waiting !== null && !this.#isBeforeSwitch(seen)) await this.#decide(seen.waiting);
    return null;
  }

  #isBeforeSwitch({ waiting }: RunStatus): boolean {
    return this.#schedule.ending === 'backBeforeSwitch' && waiting?.gate === 'switch-pilot';
  }

  /** A shut gate is measured again; an open one gets the votes that it misses. */
  async #decide(waiting: WaitingGate): Promise<void> {
    if (waiting.shut.length > 0) await within(this.#driver.handle.signal('measureAgain'));
    else for (const role of waiting.missing) await this.#go(waiting, role);
  }

  /** The workflow has ended and the run has not: `cutover recover`; a run that preflight refused is started again. */
  async #takeUp(found: string): Promise<null> {
    const recovered = await this.#driver.cli('recover', this.#driver.run, '--json');
    if (recovered.code === 0) this.notes.push(`recovered from ${found}`);
    else {
      await this.#driver.start();
      this.notes.push(`started again after ${found}: ${recovered.stderr.trim()}`);
    }
    return null;
  }

  #go({ gate, attempt, factsHash }: WaitingGate, role: string, requestId: string = randomUUID()): Promise<void> {
    return this.#say('decide', { verb: 'go', gate, attempt, factsHash, by: holders[role] ?? role, role, requestId });
  }

  /** Sends a message and does not wait for what becomes of it: the next look shows that. */
  #say(signal: string, message: Readonly<Record<string, unknown>>): Promise<void> {
    const body = { requestId: randomUUID(), run: this.#driver.run, reason: 'a seed', ...message };
    return within(this.#driver.handle.signal(signal, JSON.stringify(body)));
  }
}

const tired = 'the way forward did not end, so the run was taken back';

/** A question that a sleeping worker or a restarted server leaves open is asked again. */
async function within<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer'));
    }, 5_000);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
