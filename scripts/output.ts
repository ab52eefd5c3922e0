import type { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { done, fault, usage } from './exit-codes.ts';

/** What a command came to: lines for people, one object for `--json`, and the exit code. */
export interface CommandResult {
  readonly lines: readonly string[];
  readonly json: unknown;
  readonly exitCode: number;
}

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Prints a result as the caller asked for it: one JSON object and nothing else, or lines. Returns the exit code. */
export function printResult({ lines, json, exitCode }: CommandResult, asJson: boolean, { stdout }: Streams): number {
  stdout.write(asJson ? `${JSON.stringify(json, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
  return exitCode;
}

/** Prints an error as one plain sentence and its remedy; the stack only where CUTOVER_DEBUG is set. Returns the exit code. */
export function printError(error: unknown, asJson: boolean, { stdout, stderr }: Streams): number {
  if (error instanceof CommanderError) return commanderCode(error, asJson, stdout);
  const { message, remedy, exitCode } = plain(error);
  if (asJson) stdout.write(`${JSON.stringify({ error: message, remedy })}\n`);
  else stderr.write(`${message}\n${remedy}\n`);
  if (process.env['CUTOVER_DEBUG'] !== undefined && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** Commander has printed its own words already, except for `--json`. */
function commanderCode({ exitCode, message }: CommanderError, asJson: boolean, stdout: Writable): number {
  if (exitCode === done) return done;
  if (asJson) stdout.write(`${JSON.stringify({ error: message, remedy: 'See cutover --help.' })}\n`);
  return usage;
}

function plain(error: unknown): { readonly message: string; readonly remedy: string; readonly exitCode: number } {
  if (error instanceof CliError) return error;
  const message = error instanceof Error ? error.message : 'something failed without saying why';
  return { message: `This failed: ${message}`, remedy: 'Set CUTOVER_DEBUG=1 and call it again to see where.', exitCode: fault };
}
