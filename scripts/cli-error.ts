import { fault, usage } from './exit-codes.ts';

/** An error for the person at the terminal: what happened, and what to do about it. Never carries a secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly remedy: string;
  readonly exitCode: number;

  constructor(message: string, remedy: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? fault;
  }
}

/** A command that was called in a wrong way: exit code 2, and nothing was done. */
export function wrongUse(message: string, remedy: string): CliError {
  return new CliError(message, remedy, { exitCode: usage });
}
