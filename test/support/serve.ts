/** What a process of the tests' own announces to the one that started it, and how it ends. */
export interface Served {
  /** What the other process needs, such as ports. */
  readonly news: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Runs servers for as long as somebody holds our standard input open, whatever ends that process. Announces them as one line of JSON; where they
 * did not start, the line says `failed` and why.
 */
export async function serve(start: () => Promise<Served>): Promise<void> {
  const over = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    process.stdin.once('end', resolve).once('error', resolve).resume();
  });
  let served: Served;
  try {
    served = await start();
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
  tell(served.news);
  await over;
  await served.stop();
  process.exit(0);
}

function tell(news: Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}
