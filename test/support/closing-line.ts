import { writeSync } from 'node:fs';
import type { AggregatedResult, Reporter } from '@jest/reporters';

/** Prints the one closing line that CI reads, after Jest's own summary; a suite that could not start counts as failed. */
export default class ClosingLine implements Reporter {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.once('exit', () =>
      writeSync(1, `${String(results.numPassedTests)} passed, ${String(failed)} failed, ${String(skipped)} skipped\n`),
    );
  }
}
