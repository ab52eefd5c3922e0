import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { Deciders, type Person } from './demo/deciders.ts';
import { Interrupt } from './demo/interrupt.ts';
import { Started } from './demo/started.ts';
import { say } from './demo/talk.ts';
import { Terminal } from './demo/terminal.ts';
import { watchRun, type Watched } from './demo/watch-run.ts';
import { startBusiness, type Business } from './business.ts';
import { projectRoot } from './project.ts';
import { cutoverCli } from './run-driver.ts';
import { startStack } from './stack.ts';
import { startWorker } from './worker-process.ts';

const planFile = join(projectRoot, 'examples/northwind/plan.yaml');
const envFile = join(projectRoot, 'examples/northwind/rehearsal.yaml');

/** How long the demo waits for what it was doing when it was interrupted (ms); then it ends with it. */
const patienceMs = 10_000;

/**
 * The main job on real records: Northwind Traders, from its legacy ERP to Tryton, with one wave that goes wrong on purpose, comes back by itself,
 * and arrives at its second attempt. With a terminal it asks at each gate; without one, or with --yes, the deciders of the env file are played.
 * With --real the ERP is a real Tryton; --out names the folder of the report.
 */
async function demo(args: string[], started: Started, interrupt: Interrupt): Promise<number> {
  const flags = parseArgs({ args, options: { yes: { type: 'boolean' }, real: { type: 'boolean' }, out: { type: 'string' } } }).values;
  const asks = process.stdin.isTTY && process.stdout.isTTY && flags.yes !== true;
  const terminal = asks ? new Terminal(interrupt) : null;
  try {
    const business = await startAll(started, flags.real === true);
    const run = await startRun(business);
    tellWhereToLook(business, run, asks);
    const [plan, { people }] = await Promise.all([read<Watched['plan']>(planFile), read<{ readonly people: readonly Person[] }>(envFile)]);
    const deciders = new Deciders(business, run, people, terminal);
    const end = await watchRun({ run, business, plan, deciders, signal: interrupt.signal });
    say(`The run ended: ${end}`);
    say(`Report: ${await writeReport(business, run, flags.out ?? join(projectRoot, '.dev', 'report'))}`);
    await terminal?.enter('Everything is still up. Press Enter to stop it.');
    // Whoever had the run taken back at the terminal got what was asked for.
    return asks || end.startsWith('closed') ? 0 : 1;
  } finally {
    terminal?.close();
  }
}

/** The servers, the systems of the business and a worker. */
async function startAll(started: Started, real: boolean): Promise<Business> {
  say('Starting a Temporal server, PostgreSQL and a worker ...');
  const stack = await started.keep(startStack());
  say(
    `Starting ${real ? 'a real Tryton, the Salesforce sandbox' : 'the Tryton and Salesforce sandboxes'} and the legacy database of Northwind ...`,
  );
  const business = await started.keep(startBusiness(stack, { name: 'demo', dirt: 'full', faults: true, real }));
  await started.keep(startWorker(business.environment));
  return business;
}

async function startRun({ environment }: Business): Promise<string> {
  const { code, stdout, stderr } = await cutoverCli(environment, ['start', planFile, '--env', envFile, '--json']);
  if (code !== 0) throw new Error(stderr || stdout);
  return (JSON.parse(stdout) as { readonly run: string }).run;
}

/** Temporal UI, and for whoever sits at a terminal the command line of a second one. */
function tellWhereToLook({ environment, namespace }: Business, run: string, asks: boolean): void {
  const ui = environment['CUTOVER_UI_URL'];
  say(`Run ${run} began.`);
  if (ui !== undefined)
    say(`Temporal UI, as long as the demo lives: ${ui}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(run)}`);
  if (!asks) return;
  const settings = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'CUTOVER_LEDGER_URL']
    .map((name) => `${name}=${environment[name] ?? ''}`)
    .join(' ');
  say(`From a second terminal: ${settings} npm run -s cutover -- status ${run}`);
}

async function writeReport({ environment }: Business, run: string, folder: string): Promise<string> {
  const { code, stdout, stderr } = await cutoverCli(environment, ['report', run, '--out', folder, '--json']);
  if (code !== 0) throw new Error(stderr || stdout);
  return join(folder, 'report.html');
}

async function read<Document>(file: string): Promise<Document> {
  return parse(await readFile(file, 'utf8')) as Document;
}

/** The message of an error and of what caused it; a failed workflow tells only in its cause what happened. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${wordsOf(error.cause)}` : error.message;
}

/** Runs the demo to its end or to an interrupt, and leaves nothing running either way. */
async function main(): Promise<void> {
  const started = new Started();
  const interrupt = new Interrupt();
  let stopped = Promise.resolve();
  interrupt.signal.addEventListener('abort', () => {
    process.stdout.write('\n');
    say('Interrupted. Stopping everything ...');
    stopped = started.stopAtOnce();
  });
  const work = demo(process.argv.slice(2), started, interrupt).catch((error: unknown) => {
    if (interrupt.code === null) process.stderr.write(`demo: ${wordsOf(error)}\n`);
    return 1;
  });
  await Promise.race([work, interrupt.happened]);
  if (interrupt.code === null) {
    say('Stopping everything ...');
    await started.stop();
  }
  await stopped;
  await Promise.race([work, setTimeout(patienceMs, undefined, { ref: false })]);
  if (interrupt.code !== null) say('Interrupted: everything is stopped, and nothing of the run is kept.');
  process.exit(interrupt.code ?? (await work));
}

await main();
