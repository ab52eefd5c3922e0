/**
 * Tells the parent process that this one is ready, as one line of JSON on standard output, and ends with it: on SIGTERM, or when
 * standard input closes, so that no orphan is left when the parent was killed.
 */
export function announce(ready: Readonly<Record<string, string>>, close: () => Promise<void>): void {
  const end = (): void => {
    void close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdin.once('end', end);
  process.stdin.once('close', end);
  process.stdin.resume();
  process.stdout.write(`${JSON.stringify({ ...ready, ready: true })}\n`);
}

/** A setting of a sandbox; says which one is missing. */
export function setting(name: string, fallback?: string): string {
  const value = process.env[name] ?? fallback;
  if (value === undefined || value === '') throw new Error(`set the environment variable ${name} before starting this sandbox`);
  return value;
}
