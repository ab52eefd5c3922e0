import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { ReportData } from '../../contracts/report.ts';
import type { CompletenessLine } from '../../domain/waves/completeness.ts';
import { projectRoot } from '../../scripts/dev/project.ts';

/** The part of the Northwind plan that tests look at. */
export interface NorthwindPlan {
  readonly pilot: { readonly name: string; readonly accounts: readonly string[] };
  readonly waves: readonly { readonly name: string; readonly accounts: readonly string[] }[];
  readonly expectations: readonly { readonly object: string; readonly key: string; readonly outcome: string }[];
}

export async function readNorthwindPlan(): Promise<NorthwindPlan> {
  return parse(await readFile(join(projectRoot, 'examples/northwind/plan.yaml'), 'utf8')) as NorthwindPlan;
}

export async function readReport(folder: string): Promise<ReportData> {
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as ReportData;
}

/** The sum of amounts with two decimals, exact. */
export function sumOfCents(amounts: readonly string[]): string {
  const cents = amounts.reduce((sum, amount) => sum + BigInt(amount.replace('.', '')), 0n);
  return `${String(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`;
}

/** Amounts as an equation names them: by what they are and their currency. */
function usd(net: string, tax: string, freight: string): Readonly<Record<string, string>> {
  return { 'net USD': net, 'tax USD': tax, 'freight USD': freight };
}

/**
 * The Northwind equation as the last gate showed it: what there was, what became of it, nothing unexplained, in count and to the cent.
 * 0.02 of the net are the two lines of 232.085 that legacy rounds up and Tryton to even.
 */
export function expectNorthwindEquation(report: ReportData): void {
  expect(linesOf(report, 'order')).toEqual({
    source: { label: 'source', count: 830, money: usd('1265793.29', '25247.14', '64942.69') },
    created: { label: 'created', count: 20, money: usd('23910.34', '198.64', '905.92') },
    matched: { label: 'matched', count: 0, money: {} },
    archived: { label: 'archived', count: 809, money: usd('1239855.85', '25048.50', '63955.02') },
    left: { label: 'left', count: 0, money: {} },
    exceptions: { label: 'exceptions', count: 1, money: usd('2027.08', '0.00', '81.75') },
    rounding: { label: 'rounding', count: null, money: usd('0.02', '0.00', '0.00') },
    unexplained: { label: 'unexplained', count: 0, money: usd('0.00', '0.00', '0.00') },
  });
  expect(countsOf(report, 'customer')).toMatchObject({ source: 91, created: 85, matched: 4, exceptions: 2, unexplained: 0 });
  expect(countsOf(report, 'product')).toMatchObject({ source: 78, created: 77, matched: 1, exceptions: 0, unexplained: 0 });
  expect(report.archive.reduce((sum, { rows }) => sum + rows, 0)).toBe(809);
  expect(report.archive.reduce((sum, { lines }) => sum + lines, 0)).toBe(2_082);
  expect(sumOfCents(report.archive.map(({ money }) => money['net USD'] ?? ''))).toBe('1239855.85');
  expect(sumOfCents(report.archive.map(({ money }) => money['freight USD'] ?? ''))).toBe('63955.02');
}

/** Every dirty record came out as the plan foretold: matched ones raised nothing, the two pairs stayed behind, signed off by name. */
export function expectForetoldOutcomes(report: ReportData, { expectations }: NorthwindPlan): void {
  const signedOff = report.exceptions.filter(({ state }) => state === 'signedOff').map(({ object, sourceId }) => `${object} ${sourceId}`);
  const foretold = expectations.filter(({ outcome }) => outcome === 'exception').map(({ object, key }) => `${object} ${key}`);
  expect(foretold).toHaveLength(5);
  expect([...signedOff].sort()).toEqual([...foretold].sort());
  const pairs = report.exceptions.filter(({ kind, state }) => kind === 'twoMatches' && state === 'signedOff');
  expect(pairs.map(({ sourceId, candidates }) => [sourceId, candidates.length])).toEqual([
    ['QUEEN', 2],
    ['SPLIR', 2],
  ]);
  const limits = report.gates
    .filter(({ state }) => state === 'go')
    .flatMap((gate) => gate.limits.map((limit) => ({ gate: gate.gate, ...limit })));
  const unmet = limits.filter(({ metric }) => metric === 'expectationsUnmet');
  expect(unmet.map(({ gate, value, verdict }) => [gate, value, verdict])).toEqual([
    ['switch-pilot', 0, 'pass'],
    ['switch-expansion1', 0, 'pass'],
    ['switch-expansion2', 0, 'pass'],
  ]);
  expect(unmet.map(({ detail }) => detail)).toEqual(['0 of 2', '0 of 2', '0 of 8']);
}

/** The last wave breached, was taken back whole by the run itself, and arrived at its second attempt. */
export function expectOneWayBack(report: ReportData): void {
  expect(report.state).toBe('closed');
  expect(report.rollbacks).toMatchObject([{ wave: 'expansion2', attempt: 1, state: 'rolledBack', kept: 0, remaining: [] }]);
  expect(report.rollbacks[0]?.reason).toMatch(/^write-errors: writeErrorRate is \d+ in \d+ records/);
  expect(report.gates.filter(({ gate, state }) => gate.startsWith('retry-') && state === 'go').map(({ gate }) => gate)).toEqual([
    'retry-expansion2',
  ]);
  expect(report.waves.map(({ name, attempt }) => [name, attempt])).toEqual([
    ['shared', 1],
    ['pilot', 1],
    ['expansion1', 1],
    ['expansion2', 2],
  ]);
}

function linesOf(report: ReportData, object: string): Readonly<Record<string, CompletenessLine>> {
  const close = report.gates.find(({ gate, state }) => gate === 'close' && state === 'go');
  const equation = close?.equations.find((candidate) => candidate.object === object);
  return Object.fromEntries((equation?.lines ?? []).map((line) => [line.label, line]));
}

function countsOf(report: ReportData, object: string): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.entries(linesOf(report, object)).map(([label, { count }]) => [label, count]));
}
