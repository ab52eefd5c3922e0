#!/usr/bin/env node
import './require-node.ts';
import { Command } from 'commander';
import { printError } from './output.ts';
import { cutoverProgram } from './program.ts';
import { runnerOn } from './runner.ts';

const asJson = process.argv.includes('--json');
const streams = { stdout: process.stdout, stderr: process.stderr };
const exit = (code: number): void => {
  process.exitCode = code;
};

const program = new Command('cutover')
  .exitOverride()
  .configureOutput(asJson ? { writeErr: () => undefined } : {})
  .showHelpAfterError('See cutover --help.');

try {
  await cutoverProgram(runnerOn(streams, exit), program).parseAsync();
} catch (error) {
  exit(printError(error, asJson, streams));
}
