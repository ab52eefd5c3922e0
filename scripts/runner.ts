import { printError, printResult, type CommandResult, type Streams } from './output.ts';

/** The option every command has. */
export interface JsonOption {
  readonly json?: true;
}

/** Runs a command's work and prints what came of it, as the caller asked. */
export type Runner = (options: JsonOption, work: () => Promise<CommandResult>) => Promise<void>;

export const jsonFlag = ['--json', 'print one JSON object and nothing else'] as const;

/** A runner that prints to these streams and hands the exit code on. */
export function runnerOn(streams: Streams, exit: (code: number) => void): Runner {
  return async ({ json }, work) => {
    const asJson = json === true;
    try {
      exit(printResult(await work(), asJson, streams));
    } catch (error) {
      exit(printError(error, asJson, streams));
    }
  };
}
