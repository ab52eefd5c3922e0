import { createInterface } from 'node:readline/promises';

const startedAt = performance.now();

/** One line of progress, with the seconds since the start. */
export function say(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** Asks on the terminal. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

export async function waitForEnter(text: string): Promise<void> {
  await ask(`${text} `);
}
