import { createInterface } from 'node:readline/promises';
import { wrongUse } from './cli-error.ts';

/** Shows what is about to be sent and asks for a yes; false is a no. Without a terminal it shows the same and needs --yes instead; with `--json` it shows nothing. */
export async function confirm(lines: readonly string[], question: string, asJson: boolean): Promise<boolean> {
  if (!asJson) process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  if (asJson || !process.stdin.isTTY || !process.stderr.isTTY) {
    if (!asJson) process.stderr.write(`${question}\n`);
    throw wrongUse('This needs a confirmation, and there is no terminal to ask at.', 'Look at it first, then send it with --yes.');
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} (yes/no) `)).trim());
  } finally {
    prompt.close();
  }
}
