import { startStack, type Stack } from '../../../scripts/dev/stack.ts';

/** What the stack of a Jest worker announces, as one line of JSON: where its servers are, or why there are none. */
export type StackNews =
  { readonly folder: string; readonly postgres: string; readonly temporal: string; readonly ui: string } | { readonly failed: string };

/** Runs one stack for as long as somebody holds our standard input open, whatever ends that process. */
async function main(): Promise<void> {
  const over = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    process.stdin.once('end', resolve).once('error', resolve).resume();
  });
  let stack: Stack;
  try {
    stack = await startStack({ keepsData: false });
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
  const { folder, postgres, temporal } = stack;
  tell({ folder, postgres: String(postgres.port), temporal: temporal.address, ui: temporal.ui ?? '' });
  await over;
  await stack.stop();
  process.exit(0);
}

function tell(news: StackNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

await main();
