import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { Deciders } from './demo/deciders.ts';
import { say, waitForEnter } from './demo/talk.ts';
import { watchRun } from './demo/watch-run.ts';
import { startBusiness } from './business.ts';
import { projectRoot } from './project.ts';
import { cutoverCli } from './run-driver.ts';
import { startStack } from './stack.ts';
import { startWorker } from './worker-process.ts';

const planFile = join(projectRoot, 'examples/northwind/plan.yaml');
const envFile = join(projectRoot, 'examples/northwind/rehearsal.yaml');

/**
 * The main job on real records: Northwind Traders, from its legacy ERP to Tryton, with one wave that goes wrong on purpose, comes back by itself,
 * and arrives at its second attempt. With a terminal it asks at each gate; without one, or with --yes, the deciders of the env file are played. With --real the ERP is a real Tryton; --out names the folder of the report.
 */
async function demo(args: string[]): Promise<number> {
  const flags = parseArgs({ args, options: { yes: { type: 'boolean' }, real: { type: 'boolean' }, out: { type: 'string' } } }).values;
  const asks = process.stdin.isTTY && process.stdout.isTTY && flags.yes !== true;
  const real = flags.real === true;
  const reportFolder = flags.out ?? join(projectRoot, '.dev', 'report');
  say('Starting a Temporal server, PostgreSQL and a worker ...');
  const stack = await startStack();
  const stops: (() => Promise<void>)[] = [() => stack.stop()];
  try {
    say(
      real
        ? 'Starting a real Tryton, the Salesforce sandbox and the legacy database of Northwind ...'
        : 'Starting the Tryton and Salesforce sandboxes and the legacy database of Northwind ...',
    );
    const business = await startBusiness(stack, { name: 'demo', dirt: 'full', real });
    stops.unshift(() => business.stop());
    const worker = await startWorker(business.environment);
    stops.unshift(() => worker.stop());
    const started = await cutoverCli(business.environment, ['start', planFile, '--env', envFile, '--json']);
    if (started.code !== 0) throw new Error(started.stderr || started.stdout);
    const { run } = JSON.parse(started.stdout) as { readonly run: string };
    say(`Run ${run} began.`);
    if (stack.temporal.ui !== null)
      say(`Temporal UI, as long as the demo lives: ${stack.temporal.ui}/namespaces/default/workflows/${encodeURIComponent(run)}`);
    const plan = parse(await readFile(planFile, 'utf8')) as {
      readonly waves: readonly { readonly name: string; readonly accounts: readonly string[] }[];
    };
    const env = parse(await readFile(envFile, 'utf8')) as {
      readonly people: readonly { readonly id: string; readonly roles: readonly string[] }[];
    };
    const end = await watchRun({ run, business, plan, deciders: new Deciders(business, run, env.people, asks) });
    const report = await cutoverCli(business.environment, ['report', run, '--out', reportFolder, '--json']);
    if (report.code !== 0) throw new Error(report.stderr || report.stdout);
    say(`The run ended: ${end}`);
    say(`Report: ${join(reportFolder, 'report.html')}`);
    if (asks) await waitForEnter('Everything is still up. Press Enter to stop it.');
    return end.startsWith('closed') ? 0 : 1;
  } finally {
    say('Stopping everything ...');
    for (const stop of stops) await stop();
  }
}

/** The message of an error and of what caused it; a failed workflow tells only in its cause what happened. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${wordsOf(error.cause)}` : error.message;
}

process.exitCode = await demo(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`demo: ${wordsOf(error)}\n`);
  return 1;
});
