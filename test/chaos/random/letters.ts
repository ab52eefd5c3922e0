import { randomUUID } from 'node:crypto';
import type { WaitingGate } from '../../../contracts/messages.ts';
import { holders, type Driver } from '../../support/arena/driver.ts';
import type { Act } from './schedule.ts';

/** An act of a schedule that is a message. */
export type LetterAct = Extract<Act, { kind: 'hold' | 'holdAndResume' | 'noGo' | 'goAndNoGo' | 'twice' | 'rollback' }>;

/** Whether an act is a decision at a gate. */
export function isAtGate({ kind }: LetterAct): boolean {
  return kind === 'noGo' || kind === 'goAndNoGo' || kind === 'twice';
}

const it = { by: 'it', role: 'it' } as const;

/** How long a question may take (ms): one that a sleeping worker or a restarted server leaves open is asked again. */
const answerMs = 5_000;

/** A question to the run, or a message; whoever asked does not wait for ever. */
export function soon<T>(driver: Driver, ask: () => Promise<T>): Promise<T> {
  return driver.within(answerMs, ask);
}

/** The messages that people send to a run. Nobody waits for what becomes of one: the next look shows that. */
export class Letters {
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** Does an act of the schedule; `waiting` is the gate that was seen last. */
  async act(act: LetterAct, waiting: WaitingGate | null): Promise<'done' | 'nothing to do'> {
    switch (act.kind) {
      case 'rollback':
        await this.#send('rollback', { verb: 'rollback', scope: act.wave, ...it });
        return 'done';
      case 'hold':
        await this.#hold();
        return 'done';
      case 'holdAndResume':
        await this.#hold();
        await this.resume();
        return 'done';
      case 'noGo':
      case 'goAndNoGo':
      case 'twice':
        if (waiting === null) return 'nothing to do';
        await this.#atGate(act.kind, waiting);
        return 'done';
    }
  }

  go({ gate, attempt, factsHash }: WaitingGate, role: string, requestId: string = randomUUID()): Promise<void> {
    return this.#send('decide', { verb: 'go', gate, attempt, factsHash, by: holders[role] ?? role, role, requestId });
  }

  resume(): Promise<void> {
    return this.#send('resume', { verb: 'resume', holds: 'all', ...it });
  }

  takeBackRun(): Promise<void> {
    return this.#send('rollback', { verb: 'rollback', scope: 'run', ...it });
  }

  async #atGate(kind: 'noGo' | 'goAndNoGo' | 'twice', waiting: WaitingGate): Promise<void> {
    const [role = 'it'] = waiting.roles;
    const noGo = { verb: 'noGo', gate: waiting.gate, by: holders[role] ?? role, role };
    const requestId = randomUUID();
    if (kind === 'noGo') await this.#send('decide', noGo);
    else if (kind === 'goAndNoGo') await Promise.all([this.go(waiting, role), this.#send('decide', noGo)]);
    else await Promise.all([this.go(waiting, role, requestId), this.go(waiting, role, requestId)]);
  }

  #hold(): Promise<void> {
    return this.#send('hold', { verb: 'hold', ...it });
  }

  #send(signal: string, message: Readonly<Record<string, unknown>>): Promise<void> {
    const body = { requestId: randomUUID(), run: this.#driver.run, reason: 'a seed', ...message };
    return soon(this.#driver, () => this.#driver.handle.signal(signal, JSON.stringify(body)));
  }
}
