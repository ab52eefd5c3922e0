import { expect, test } from 'vitest';
import fc from 'fast-check';
import { reportHtml } from '../../reports/report.ts';
import { ordersEquation, sampleReport } from '../support/report-sample.ts';

test('shows what the run came to: end state, gates with evidence and decisions, guards, waves, exceptions, rollbacks and archive', () => {
  const page = reportHtml(sampleReport());
  for (const text of [
    'rolledBackWithExceptions',
    'switch-east, attempt 1',
    'not measured',
    'Shut: unexplained could not be measured',
    'Point of no return: a confirmed sale',
    'Open exception: orders 11074: twoMatches',
    '3 documents are confirmed',
    'request-1',
    'unreadable',
    'writeErrors',
    'rollback, not answered yet',
    'A confirmed sale remains.',
    '5 effects undone, 1 kept.',
    'orders-00001',
    '1239855.85',
    'c'.repeat(64),
    'a'.repeat(64),
    'b'.repeat(64),
    'Wave east: rolledBack, attempt 1.',
    'Exceptions: 1 open, 0 signed off.',
  ])
    expect(page).toContain(text);
});

test('shows the completeness equation in count and money, with the rounding as a line of its own', () => {
  const page = reportHtml(sampleReport());
  for (const line of ['source', 'created', 'matched', 'rounding', 'unexplained'])
    expect(page).toMatch(new RegExp(`<td class="word">${line}</td>`));
  expect(page).toContain('adds up');
  expect(page).not.toContain('does not add up');
  const broken = { ...ordersEquation, balanced: false };
  const wave = sampleReport().waves[0]!;
  expect(reportHtml(sampleReport({ gates: [], waves: [{ ...wave, equations: [broken] }] }))).toContain('does not add up');
});

test('says of a gate that sets no limit on what is unexplained that it is not complete yet, and not that it fails', () => {
  const gate = { ...sampleReport().gates[0]!, limits: [], wave: 'shared', equations: [{ ...ordersEquation, balanced: false }] };
  const page = reportHtml(sampleReport({ gates: [gate], waves: [] }));
  expect(page).toContain('not complete yet');
  expect(page).not.toContain('does not add up');
});

test('never breaks inside a key or an amount, whatever the width of screen or paper; a hash may break anywhere', () => {
  const page = reportHtml(sampleReport());
  expect(page).toMatch(/td\.number, td\.word \{ white-space: nowrap; \}/);
  for (const value of ['11074', 'SIMOB', 'orders-00001']) expect(page).toMatch(new RegExp(`<td class="word">${value}</td>`));
  expect(page.match(/overflow-wrap: anywhere/g)).toHaveLength(2);
});

test('counts each attempt of a wave by itself', () => {
  const wave = sampleReport().waves[0]!;
  const counter = { object: 'orders', kind: 'load', name: 'applied' };
  const counters = [
    { ...counter, attempt: 1, value: 85 },
    { ...counter, attempt: 2, value: 77 },
  ];
  const page = reportHtml(sampleReport({ waves: [{ ...wave, counters }] })).replaceAll(/>\s+</g, '><');
  for (const [attempt, value] of [
    ['1', '85'],
    ['2', '77'],
  ] as const)
    expect(page).toContain(
      `<td class="word">${attempt}</td><td class="word">orders</td><td class="word">load</td><td class="word">applied</td><td class="number">${value}</td>`,
    );
});

test('needs nothing from outside: no script, no link, no image and no font that is not in the page', () => {
  const page = reportHtml(sampleReport());
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|src=|https?:\/\//i);
  expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith('#') === true)).toBe(true);
});

test('escapes whatever a text holds, wherever it stands', () => {
  const evil = '<script>alert("1")</script>&\'';
  const data = JSON.parse(
    JSON.stringify(sampleReport(), (_key, value: unknown) =>
      typeof value === 'string' && !value.startsWith('2026-') ? `${value}${evil}` : value,
    ),
  ) as ReturnType<typeof sampleReport>;
  const page = reportHtml(data);
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
});

test('keeps the structure of the page whatever a reason says', () => {
  const tags = (page: string): number => page.match(/<[a-z/!]/gi)?.length ?? 0;
  const plain = tags(reportHtml(sampleReport({ held: 'x' })));
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: fc.constantFrom('<', '>', '"', '&', "'", '/', 'b', ' ', '!', '-') }), (held) => {
      expect(tags(reportHtml(sampleReport({ held })))).toBe(plain);
    }),
  );
});

test('is a page even of a run that has only begun', () => {
  const page = reportHtml(
    sampleReport({
      state: 'open',
      endedAt: null,
      events: [],
      gates: [],
      decisions: [],
      verdicts: [],
      waves: [],
      exceptions: [],
      rollbacks: [],
      archive: [],
      plan: null,
      mode: null,
    }),
  );
  for (const text of [
    'Nothing happened yet.',
    'No gate was opened.',
    'Nothing was taken back.',
    'Nothing was archived.',
    'No record needed a person.',
  ])
    expect(page).toContain(text);
});
