import { expect, test } from 'vitest';
import { gateLines } from '../../scripts/gate-lines.ts';
import type { ReportGate } from '../../contracts/report.ts';
import type { RunView } from '../../scripts/run-view.ts';
import { sampleReport } from '../support/report-sample.ts';
import { sampleEnv } from '../support/sample-plan.ts';

const run = 'cutover/sample/1';
const exceptions = [
  ...Array.from({ length: 2_000 }, (_, index) => `order ${String(10_000 + index)}: remains`),
  ...['order 9: refused', 'customer ALFKI: refused'],
];

/** What the ledger has of them; of the last one it knows no more than the gate. */
const told = [
  ...Array.from({ length: 2_000 }, (_, index) => ({
    object: 'order',
    sourceId: String(10_000 + index),
    kind: 'remains',
    message: 'it is confirmed.',
  })),
  { object: 'order', sourceId: '9', kind: 'refused', message: 'an older reason' },
  { object: 'order', sourceId: '9', kind: 'refused', message: 'erp: the tax is missing.' },
];

/** The lines of a gate with these exceptions, and of a retry gate with what was taken back. */
function linesOf(all: boolean, takenBack: ReportGate['takenBack'] = null): readonly string[] {
  const [gate] = sampleReport().gates;
  if (gate === undefined) throw new Error('the sample has no gate');
  const waiting = {
    ...{ gate: gate.gate, wave: gate.wave, attempt: gate.attempt, factsHash: gate.factsHash, roles: [], missing: [], shut: [] },
    ...{ since: gate.openedAt, deadline: null, atDeadline: 'hold' as const },
  };
  return gateLines(
    run,
    { env: sampleEnv(), exceptions: told } as unknown as RunView,
    { ...gate, notices: ['Going back takes an hour.'], exceptions, takenBack },
    waiting,
    all,
  );
}

test('a gate says first what to know before deciding, and of exceptions how many there are of each kind and the first of them with the reason', () => {
  const lines = linesOf(false);
  const at = (text: string): number => lines.findIndex((line) => line.startsWith(text));
  expect(at('To know before you decide:')).toBeGreaterThan(0);
  expect(at('To know before you decide:')).toBeLessThan(at('Limits:'));
  expect(at('To know before you decide:')).toBeLessThan(at('Open exceptions'));
  const begin = at('Open exceptions');
  expect(lines.slice(begin, begin + 24)).toEqual([
    'Open exceptions (remains 2000, refused 2):',
    ...Array.from({ length: 20 }, (_, index) => `   - order ${String(10_000 + index)}: remains: it is confirmed.`),
    '   - order 9: refused: erp: the tax is missing.',
    '   - customer ALFKI: refused',
    expect.stringMatching(/^ {3}and 1980 more; all of them: .*gate cutover\/sample\/1 .* --all$/),
  ]);
});

test('all exceptions of a gate are named where they are asked for', () => {
  const lines = linesOf(true);
  for (const text of exceptions) expect(lines).toContainEqual(expect.stringContaining(`   - ${text}`));
  expect(lines.join('\n')).not.toContain('--all');
});

test('a retry gate says why the wave was taken back, what was wrong in the words of the systems, what was undone and what stays', () => {
  const lines = linesOf(false, {
    ...{ attempt: 2, reason: 'guard write-errors: 3 of 5 orders', undone: 41, kept: 1 },
    found: { count: 7, samples: ['order 11039, unknown: The value is not valid for this field.'] },
    left: ['order 11074: a confirmed sale'],
    remains: { count: 1, samples: ['order 11074: remains'] },
  });
  const begin = lines.findIndex((line) => line.startsWith('Attempt 2'));
  expect(lines.slice(begin, begin + 8)).toEqual([
    'Attempt 2 of the wave was taken back: guard write-errors: 3 of 5 orders.',
    'What was wrong with its records (7):',
    '   - order 11039, unknown: The value is not valid for this field.',
    'Undone: 41 writes. Kept: 1.',
    'What stays in the target, and why:',
    '   - order 11074: a confirmed sale',
    'What remains and wants a person (1):',
    '   - order 11074: remains',
  ]);
});
