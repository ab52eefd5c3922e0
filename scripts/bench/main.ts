import { writeFile } from 'node:fs/promises';
import { Interrupt } from '../dev/demo/interrupt.ts';
import { Started } from '../dev/demo/started.ts';
import { say } from '../dev/demo/talk.ts';
import { bench, sizesOf, type Workload } from './bench.ts';
import type { Report } from './figures.ts';
import type { Machine } from './measure/machine.ts';
import { readOptions, WrongUse, type Options } from './options.ts';
import { profileLines, table } from './table.ts';
import { topology } from './topology.ts';
import { w1 } from './w1.ts';
import { w2 } from './w2.ts';
import { kill } from './kill.ts';
import { people } from './people.ts';
import { progress } from './progress.ts';
import { w3 } from './w3.ts';
import { w6 } from './w6.ts';
import { w8 } from './w8.ts';

const workloads: readonly Workload[] = [w1, w2, w3, w6, w8, kill, people, progress, topology];

/** Plays the workloads that were asked for, and prints a table and a line for each. */
async function main(options: Options, started: Started): Promise<number> {
  const reports: Report[] = [];
  for (const workload of workloads.filter(({ name }) => options.workloads.includes(name))) {
    const { records, batch, concurrency, answerMs } = sizesOf(workload, options);
    say(
      `${workload.name}: ${String(records)} records in batches of ${String(batch)}, ${String(concurrency)} in flight, ${String(answerMs)} ms an answer`,
    );
    const report = await bench(workload, options, started, (soFar) => write(options, [...reports, soFar]));
    await started.stop();
    process.stdout.write(`\n${[about(report.machine), '', ...table(report), ...profileLines(report)].join('\n')}\n\n`);
    reports.push(report);
    await write(options, reports);
  }
  for (const { last } of reports) process.stdout.write(`${last}\n`);
  return reports.some(({ figures }) => figures.some(({ wrong }) => wrong !== null)) ? 1 : 0;
}

/** Writes the figures where that was asked for; a run that is interrupted leaves those of the rounds before. */
async function write({ json }: Options, reports: readonly Report[]): Promise<void> {
  if (json !== null) await writeFile(json, `${JSON.stringify(reports, null, 2)}\n`);
}

function about({ processor, cores, memoryGb, node, postgres, temporal, commit, changed }: Machine): string {
  const versions = `Node ${node.slice(1)}, PostgreSQL ${postgres}, Temporal server ${temporal}`;
  return `${String(cores)} cores of ${processor}, ${String(memoryGb)} GB, ${versions}, commit ${commit}${changed ? ' with changes' : ''}`;
}

/** Runs the bench to its end or to an interrupt, and leaves no process behind either way. */
async function runToTheEnd(): Promise<number> {
  const contestants = [...new Set(workloads.flatMap((workload) => workload.contestants.map(({ name }) => name)))];
  const options = readOptions(process.argv.slice(2), { workloads: workloads.map(({ name }) => name), contestants });
  const [started, interrupt] = [new Started(), new Interrupt()];
  try {
    const end = await Promise.race([main(options, started), interrupt.happened]);
    return interrupt.code ?? end ?? 1;
  } finally {
    await (interrupt.code === null ? started.stop() : started.stopAtOnce());
  }
}

try {
  process.exit(await runToTheEnd());
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof WrongUse ? 2 : 1);
}
