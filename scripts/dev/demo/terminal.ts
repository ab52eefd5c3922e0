import { createInterface, type Interface } from 'node:readline/promises';
import type { Interrupt } from './interrupt.ts';

/**
 * The person at the terminal. One reader stays open all the time: what is typed while nobody is asked is thrown away, so that an Enter too many
 * does not decide the next gate, and a Ctrl-C is read as a key and does not reach the servers before us.
 */
export class Terminal {
  readonly #reader: Interface;
  readonly #interrupt: Interrupt;
  readonly #leave = (): void => {
    this.#interrupt.raise('SIGINT');
  };

  constructor(interrupt: Interrupt) {
    this.#interrupt = interrupt;
    this.#reader = createInterface({ input: process.stdin, output: process.stdout, prompt: '', historySize: 0 });
    this.#reader.on('SIGINT', this.#leave);
    this.#reader.on('close', this.#leave);
  }

  /** Asks until one of the answers is typed; anything else, and an empty line too, decides nothing and is asked again. */
  async choose<Answer extends string>(question: string, answers: readonly [Answer, ...Answer[]]): Promise<Answer> {
    for (;;) {
      const typed = (await this.#ask(`${question} Type ${answers.join(' or ')}: `)).toLowerCase();
      const answer = answers.find((candidate) => candidate === typed);
      if (answer !== undefined) return answer;
      process.stdout.write(`${typed === '' ? 'An empty line' : `"${typed}"`} is no answer; nothing was sent.\n`);
    }
  }

  async enter(text: string): Promise<void> {
    await this.#ask(`${text} `);
  }

  close(): void {
    this.#reader.off('close', this.#leave);
    this.#reader.close();
  }

  async #ask(question: string): Promise<string> {
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    return (await this.#reader.question(question, { signal: this.#interrupt.signal })).trim();
  }
}
