import type { WaitingGate } from '../../../contracts/messages.ts';
import type { Business } from '../business.ts';
import { cutoverCli, type CliResult } from '../run-driver.ts';
import { say, showBlock } from './talk.ts';
import type { Terminal } from './terminal.ts';

/** A person of the env file. */
export interface Person {
  readonly id: string;
  readonly roles: readonly string[];
}

/** The people of the env file: played by the demo, or spoken for by whoever sits at the terminal. */
export class Deciders {
  readonly #business: Business;
  readonly #run: string;
  readonly #people: readonly Person[];
  readonly #terminal: Terminal | null;

  constructor(business: Business, run: string, people: readonly Person[], terminal: Terminal | null) {
    this.#business = business;
    this.#run = run;
    this.#people = people;
    this.#terminal = terminal;
  }

  /** Sends a decision for every role that is still missing; at the terminal the evidence is shown and the question asked first. False where one was refused. */
  async decide(waiting: WaitingGate): Promise<boolean> {
    const verb = this.#terminal === null ? 'go' : await this.#ask(waiting, this.#terminal);
    const roles = verb === 'go' ? waiting.missing : waiting.missing.slice(0, 1);
    const sent = await Promise.all(roles.map((role) => this.#vote(waiting, verb, role)));
    return sent.every((isAccepted) => isAccepted);
  }

  /** Answers a hold. Nobody plays that: without a terminal it ends the demo, because the run would wait for ever. */
  async answerHold(reason: string): Promise<void> {
    if (this.#terminal === null) throw new Error(`the run is held and waits for a person: ${reason}`);
    showBlock(
      `Held: ${reason}.\nNo new write begins; nothing is lost.\n\nresume    the run goes on where it stands\nrollback  the whole run is taken back, legacy stays the book`,
    );
    const verb = await this.#terminal.choose('The run is held.', ['resume', 'rollback']);
    const more = verb === 'resume' ? ['--yes'] : ['--scope', 'run', '--yes'];
    const by = this.#holder('it');
    this.#tell(await this.#cli([verb, this.#run, ...more, ...signed(by, 'it', `${verb} at the terminal of the demo`)]), by, 'it', verb);
  }

  async #ask(waiting: WaitingGate, terminal: Terminal): Promise<'go' | 'no-go'> {
    const { stdout } = await this.#cli(['gate', this.#run, waiting.gate]);
    // The command that decides is for another terminal: here the question below stands for it.
    const evidence = stdout.replace(/^(Go|No-go|Measure again): .*\n/gm, '');
    const [first = ''] = waiting.missing;
    showBlock(
      `${evidence}\ngo     says go as ${waiting.missing.map((role) => `${this.#holder(role)} (${role})`).join(', ')}\nno-go  says no-go as ${this.#holder(first)} (${first}): ${afterNoGo(waiting)}`,
    );
    return terminal.choose(`Gate ${waiting.gate}, attempt ${String(waiting.attempt)}.`, ['go', 'no-go']);
  }

  async #vote({ gate, attempt, factsHash }: WaitingGate, verb: 'go' | 'no-go', role: string): Promise<boolean> {
    const by = this.#holder(role);
    const bound = ['--gate', gate, '--attempt', String(attempt), '--facts', factsHash, '--yes'];
    const reason = this.#terminal === null ? `${verb} played by the demo` : `${verb} at the terminal of the demo`;
    return this.#tell(await this.#cli(['decide', this.#run, verb, ...bound, ...signed(by, role, reason)]), by, role, `${verb} at ${gate}`);
  }

  /** Tells what became of a message. A refusal changes nothing: a person looks again, a played one should never be refused. */
  #tell({ code, stdout, stderr }: CliResult, by: string, role: string, what: string): boolean {
    const words = (stderr || stdout).trim();
    if (code !== 0 && this.#terminal === null) throw new Error(`the ${what} of ${by} was not accepted: ${words}`);
    say(code === 0 ? `  ${by} (${role}): ${what}` : `  ${by} (${role}): ${what} was not accepted. ${words}`);
    return code === 0;
  }

  #cli(args: readonly string[]): Promise<CliResult> {
    return cutoverCli(this.#business.environment, args);
  }

  #holder(role: string): string {
    const person = this.#people.find(({ roles }) => roles.includes(role));
    if (person === undefined) throw new Error(`the env file names nobody with role ${role}`);
    return person.id;
  }
}

function signed(by: string, role: string, reason: string): readonly string[] {
  return ['--by', by, '--role', role, '--reason', reason];
}

/** What a no-go at this gate leads to. */
function afterNoGo({ gate, wave }: WaitingGate): string {
  if (gate.startsWith('switch-')) return `wave ${wave} is taken back, and its accounts open again in legacy`;
  return gate === 'close' ? 'hypercare goes on, and this gate comes again' : 'the run is held';
}
