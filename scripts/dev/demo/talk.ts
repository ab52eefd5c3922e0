const startedAt = performance.now();

/** One line of progress, with the seconds since the start. */
export function say(text: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** A text between two rules, so that it stands out from the progress. */
export function showBlock(text: string): void {
  const rule = '-'.repeat(80);
  process.stdout.write(`\n${rule}\n${text.trim()}\n${rule}\n`);
}
