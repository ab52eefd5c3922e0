import type { WaitingGate } from '../../../contracts/messages.ts';
import type { Business } from '../business.ts';
import { cutoverCli } from '../run-driver.ts';
import { ask, say } from './talk.ts';

/** The people of the env file, played by the demo, or asked for on the terminal. */
export class Deciders {
  readonly #business: Business;
  readonly #run: string;
  readonly #people: readonly { readonly id: string; readonly roles: readonly string[] }[];
  readonly #asks: boolean;

  constructor(
    business: Business,
    run: string,
    people: readonly { readonly id: string; readonly roles: readonly string[] }[],
    asks: boolean,
  ) {
    this.#business = business;
    this.#run = run;
    this.#people = people;
    this.#asks = asks;
  }

  /** Shows the evidence of a gate and sends a decision for every role that is still missing. */
  async decide(waiting: WaitingGate): Promise<void> {
    const verb = this.#asks ? await this.#ask(waiting) : 'go';
    const roles = verb === 'go' ? waiting.missing : waiting.missing.slice(0, 1);
    await Promise.all(roles.map((role) => this.#send(waiting, verb, role)));
  }

  /** Shows the evidence and asks on the terminal. */
  async #ask(waiting: WaitingGate): Promise<'go' | 'no-go'> {
    const shown = await cutoverCli(this.#business.environment, ['gate', this.#run, waiting.gate]);
    process.stdout.write(`\n${shown.stdout}\n`);
    return (await ask(`Gate ${waiting.gate}: go or no-go? [go] `)).startsWith('n') ? 'no-go' : 'go';
  }

  async #send(waiting: WaitingGate, verb: 'go' | 'no-go', role: string): Promise<void> {
    const person = this.#people.find(({ roles }) => roles.includes(role));
    if (person === undefined) throw new Error(`the env file names nobody with role ${role}`);
    const sent = await cutoverCli(this.#business.environment, [
      'decide',
      this.#run,
      verb,
      '--gate',
      waiting.gate,
      '--attempt',
      String(waiting.attempt),
      '--facts',
      waiting.factsHash,
      '--by',
      person.id,
      '--role',
      role,
      '--reason',
      'demo: the evidence is good',
      '--yes',
    ]);
    if (sent.code !== 0) throw new Error(`the ${verb} of ${person.id} was not accepted: ${sent.stderr || sent.stdout}`);
    say(`  ${person.id} (${role}) says ${verb} at gate ${waiting.gate}`);
  }
}
