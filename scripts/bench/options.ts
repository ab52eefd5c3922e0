import { parseArgs } from 'node:util';
import type { Sizes } from './sizes.ts';

/** What `npm run bench` was asked for. */
export interface Options {
  /** Names of the workloads, in order. */
  readonly workloads: readonly string[];
  /** Null: as is usual for the workload. */
  readonly sizes: Pick<Sizes, 'batch' | 'concurrency'> & { readonly records: number | null; readonly answerMs: number | null };
  /** So many times the faults that the workload has. */
  readonly faults: number;
  readonly rounds: number;
  /** Names of the contestants; null: all. */
  readonly only: readonly string[] | null;
  /** Where the figures are written as JSON. */
  readonly json: string | null;
  /** Where a CPU profile of the worker is written, in a round of its own. */
  readonly profile: string | null;
}

/** Something on the command line that the bench cannot do. */
export class WrongUse extends Error {}

const usage = `npm run bench -- [workload ...] [--records n] [--rounds n] [--batch n] [--concurrency n] [--answer-ms n] [--faults n] [--only contestant,...] [--json file] [--profile folder]`;

/** Reads the arguments; throws WrongUse, which says what there is, where something is unknown. */
export function readOptions(
  args: readonly string[],
  known: { readonly workloads: readonly string[]; readonly contestants: readonly string[] },
): Options {
  const { positionals, values } = parsed(args);
  const workloads = positionals.length === 0 ? known.workloads : positionals;
  refuseUnknown('workload', workloads, known.workloads);
  const only = values.only?.split(',') ?? null;
  refuseUnknown('contestant', only ?? [], known.contestants);
  return {
    workloads,
    sizes: {
      records: values.records === undefined ? null : count('records', values.records, 1),
      batch: count('batch', values.batch, 1),
      concurrency: count('concurrency', values.concurrency, 1),
      answerMs: values['answer-ms'] === undefined ? null : count('answer-ms', values['answer-ms'], 0),
    },
    faults: count('faults', values.faults, 0),
    rounds: count('rounds', values.rounds, 1),
    only,
    json: values.json ?? null,
    profile: values.profile ?? null,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        records: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        batch: { type: 'string', default: '200' },
        concurrency: { type: 'string', default: '16' },
        'answer-ms': { type: 'string' },
        faults: { type: 'string', default: '1' },
        only: { type: 'string' },
        json: { type: 'string' },
        profile: { type: 'string' },
      },
    });
  } catch (error) {
    throw new WrongUse(`${error instanceof Error ? error.message : String(error)}. Use: ${usage}`, { cause: error });
  }
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new WrongUse(`There is no ${what} "${unknown}". There are: ${known.join(', ')}. Use: ${usage}`);
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new WrongUse(`--${name} is a whole number of at least ${String(least)}, and "${text}" is none. Use: ${usage}`);
}
