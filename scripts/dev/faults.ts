import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';

/** Tells a fault proxy to misbehave. */
export async function addFault(control: string, fault: FaultRule): Promise<void> {
  if (control === '') throw new Error('this business was started without fault proxies');
  const response = await fetch(`${control}/_proxy/rules`, { method: 'POST', body: JSON.stringify(fault) });
  if (!response.ok) throw new Error(`the fault proxy refused a rule: ${await response.text()}`);
}

/** Makes a fault proxy behave again. */
export async function clearFaults(control: string): Promise<void> {
  await fetch(`${control}/_proxy/rules`, { method: 'DELETE' });
}

/** How often the rules met a call so far. */
export async function faultHits(control: string): Promise<number> {
  const hits = (await (await fetch(`${control}/_proxy/hits`)).json()) as readonly { readonly hits: number }[];
  return hits.reduce((sum, { hits: count }) => sum + count, 0);
}

/** Tryton's own answer to a record it will not take: HTTP 200 with an error list. */
export const trytonRefusal = JSON.stringify({ error: ['UserError', ['The value is not valid for this field.', '', null]] });
