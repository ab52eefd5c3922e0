import { Command } from 'commander';
import packed from '../package.json' with { type: 'json' };
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
import type { Runner } from './runner.ts';

/** The command line with all its commands, each of which hands its work to `run`. They behave as `program` was told to before. */
export function cutoverProgram(run: Runner, program = new Command('cutover')): Command {
  program
    .description('Carries a business from a legacy ERP to a new one, and back.')
    .version(packed.version, '-V, --version', 'print the version of cutover');
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
    add(program, run);
  addWorker(program);
  return program;
}
