import { expect, test } from 'vitest';
import { equationText } from '../../reports/equation.ts';
import { eventText } from '../../reports/event-text.ts';
import { frozenText } from '../../reports/frozen-text.ts';
import { durationText, instantText } from '../../reports/instant.ts';
import { outlookLines, outlookOf } from '../../reports/outlook.ts';
import { ordersEquation } from '../support/report-sample.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';

test('writes instants in UTC to the second, and durations in the largest unit that fits', () => {
  expect(instantText('2026-11-24T08:10:11.123Z')).toBe('2026-11-24 08:10:11 UTC');
  expect(instantText(null)).toBe('-');
  expect([0, 250, 1_000, 90_000, 7_200_000, 86_400_000, 1_209_600_000].map(durationText)).toEqual([
    '0 ms',
    '250 ms',
    '1 second',
    '90 seconds',
    '2 hours',
    '1 day',
    '2 weeks',
  ]);
});

test('says how long a wave was frozen beside how long its records loaded before, to the second below two minutes, and nothing of one that was not', () => {
  expect(frozenText({ frozenMs: 840.4, loadedBeforeMs: 95_400 })).toBe(
    'frozen for 840 ms after 95 seconds of loading while legacy was open',
  );
  expect(frozenText({ frozenMs: 400_000, loadedBeforeMs: 10_790_000 })).toBe(
    'frozen for 7 minutes after 3 hours of loading while legacy was open',
  );
  expect(frozenText({ frozenMs: null, loadedBeforeMs: 5_000 })).toBe('');
});

test('writes an equation on one line, without the amounts that are nothing', () => {
  expect(equationText(ordersEquation)).toBe(
    'orders: source 3, net 100.02, freight 0 = created 2, net 60.01 + matched 1, net 40.00 + rounding, net 0.01 + unexplained 0',
  );
});

test('tells what happened in a sentence, and shows an event it does not know as it was noted', () => {
  const at = '2026-11-24T08:10:11.000Z';
  expect(eventText({ at, wave: 'east', kind: 'switched', detail: { accounts: 2, attempt: 1 } })).toBe(
    '2 accounts switched: the target is their book of record.',
  );
  expect(eventText({ at, wave: null, kind: 'preflightProblems', detail: { 1: 'no rights', 2: 'no table' } })).toBe(
    'Preflight: no rights; no table',
  );
  expect(eventText({ at, wave: null, kind: 'somethingNew', detail: { count: 3, ok: true } })).toBe('somethingNew: count 3, ok true');
});

test('foretells a run in order: every phase, every wave with its accounts, every gate with roles, limits and deadline, every guard with its answers', () => {
  const outlook = outlookOf(samplePlan(), sampleEnv());
  expect(outlook.steps.map(({ phase }) => phase)).toEqual([
    'preflight',
    'configurationFreeze',
    'finalExport',
    'pilot',
    'parallelRun',
    'expansion',
    'hypercare',
    'close',
  ]);
  const text = outlookLines(outlook).join('\n');
  for (const part of [
    'moves 5 accounts',
    'wave pilot, 2 accounts',
    'Freeze the 1 account of wave west in legacy, for 2 hours, and for 8 hours at most while it is loaded; all others go on',
    'gate switch-east: go by finance and it, on unexplained at most 0, expectationsUnmet at most 0; within 1 hour, or the run is held',
    'gate baseline: go by',
    'gate close: go by',
    'gate retry-<wave>',
    'writeErrors (it)',
    'answers rollback before the switch, pause after it',
    'a confirmed sale',
    'Archive orders of the query shippedOrders',
    'accounts matched in crm, never created',
  ])
    expect(text).toContain(part);
  const order = ['gate baseline', 'load wave pilot', 'gate switch-pilot', 'gate switch-east', 'gate switch-west', 'gate close'].map(
    (part) => text.indexOf(part),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('foretells a run without an env as well, and then names no waits', () => {
  const text = outlookLines(outlookOf(samplePlan(), null)).join('\n');
  expect(text).toContain('no env file given');
  expect(text).not.toContain('while it is loaded; all others');
});
