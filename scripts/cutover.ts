#!/usr/bin/env node
import './require-node.ts';
import { Command } from 'commander';
import { addDecide } from './commands/decide.ts';
import { addGate } from './commands/gate.ts';
import { addHold } from './commands/hold.ts';
import { addMigrate } from './commands/migrate.ts';
import { addPlanCheck } from './commands/plan-check.ts';
import { addRecover } from './commands/recover.ts';
import { addReport } from './commands/report.ts';
import { addResume } from './commands/resume.ts';
import { addRollback } from './commands/rollback.ts';
import { addRuns } from './commands/runs.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addWorker } from './commands/worker.ts';
import { printError } from './output.ts';
import { runnerOn } from './runner.ts';

const asJson = process.argv.includes('--json');
const streams = { stdout: process.stdout, stderr: process.stderr };
const exit = (code: number): void => {
  process.exitCode = code;
};

const program = new Command('cutover')
  .description('Carries a business from a legacy ERP to a new one, and back.')
  .exitOverride()
  .configureOutput(asJson ? { writeErr: () => undefined } : {})
  .showHelpAfterError('See cutover --help.');
for (const add of [
  addPlanCheck,
  addStart,
  addRuns,
  addStatus,
  addGate,
  addDecide,
  addHold,
  addResume,
  addRollback,
  addRecover,
  addReport,
  addMigrate,
])
  add(program, runnerOn(streams, exit));
addWorker(program);

try {
  await program.parseAsync();
} catch (error) {
  exit(printError(error, asJson, streams));
}
