import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { salesforceBench, type SalesforceBench } from './salesforce-bench.ts';
import { startSandboxTryton, trytonBench } from './tryton-bench.ts';
import type { TargetBench } from './target-suite.ts';

let bench: TargetBench;
beforeAll(async () => {
  bench = await trytonBench(await startSandboxTryton());
});
afterAll(() => bench.stop());

describe('the configuration of Tryton', () => {
  test('names fields, our rights, taxes and terms, a line each, and twice the same', async () => {
    const port = bench.connect('runner');
    const lines = await port.fingerprint(['party', 'product', 'sale', 'tax', 'paymentTerm']);
    expect(await port.fingerprint(['party', 'product', 'sale', 'tax', 'paymentTerm'])).toEqual(lines);
    for (const begin of [
      'field party.party.name: type',
      'field sale.line.unit_price: type',
      'our rights on sale.sale: ',
      'tax ',
      'payment term ',
    ])
      expect(lines.some((line) => line.startsWith(begin))).toBe(true);
    expect(new Set(lines).size).toBe(lines.length);
    await port.dispose();
  });

  test('shows other rights of another user', async () => {
    const [ours, others] = [bench.connect('runner'), bench.connect('administrator')];
    expect(await others.fingerprint(['tax'])).not.toEqual(await ours.fingerprint(['tax']));
    await Promise.all([ours.dispose(), others.dispose()]);
  });
});

describe('the configuration of Salesforce', () => {
  let crm: SalesforceBench;
  beforeAll(async () => {
    crm = await salesforceBench({
      picklists: { 'Lead.Status': ['Open', 'Closed'] },
      assignmentRules: [{ Name: 'By country', Active: true }],
    });
  });
  afterAll(() => crm.stop());

  test('names fields, our rights and routing, a line each, and twice the same; what is hidden says so', async () => {
    const port = crm.connect('runner');
    const lines = await port.fingerprint([]);
    expect(await port.fingerprint([])).toEqual(lines);
    for (const line of [
      /^field Account\.AccountNumber: string, 40/,
      /^field Lead\.Status: picklist, .*, Open, Closed$/,
      /^our rights on Lead: /,
      /^assignment rule ".*" "By country" "Lead" true$/,
      /^queue: not shown to our user$/,
    ])
      expect(lines).toContainEqual(expect.stringMatching(line));
    await port.dispose();
  });
});
