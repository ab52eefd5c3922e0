import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { projectRoot } from '../../scripts/dev/project.ts';

/** The summaries of all timers of a recorded run, as Temporal UI shows them on its Timeline. */
function timersOf(outcome: string): readonly string[] {
  const recorded = JSON.parse(readFileSync(join(projectRoot, 'test', 'histories', outcome, 'cutover.json'), 'utf8')) as {
    history: unknown;
  };
  const events = historyFromJSON(recorded.history).events ?? [];
  return events
    .filter(({ timerStartedEventAttributes: timer }) => timer !== null && timer !== undefined)
    .map(({ userMetadata }) => JSON.parse(Buffer.from(userMetadata?.summary?.data ?? '""').toString('utf8')) as string);
}

test('whoever opens the run sees on its Timeline which gate waits for whom, those of its waves included', () => {
  const timers = timersOf('closed');
  for (const [gate, roles] of [
    ['baseline', 'finance, it'],
    ['switch-pilot', 'salesOps, finance, it'],
    ['switch-east', 'salesOps, finance, it'],
    ['switch-west', 'salesOps, finance, it'],
    ['close', 'finance, customerSuccess, marketingOps'],
  ])
    expect(timers).toContainEqual(
      expect.stringMatching(new RegExp(`^Gate ${String(gate)}: waiting for ${String(roles)} since \\d\\d:\\d\\d UTC$`)),
    );
});

test('no timer of a run is without a summary', () => {
  for (const outcome of ['closed', 'hold', 'retried', 'rolledBack']) expect(timersOf(outcome)).not.toContain('');
});
