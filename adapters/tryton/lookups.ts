import type { TrytonSystem } from '../../domain/plan/systems.ts';
import type { Domain, Reader } from './caller.ts';
import { anyActivity } from './caller.ts';
import { badRow } from './row-fields.ts';
import type { JsonObject } from './values.ts';
import { textOf } from './values.ts';

/** Tryton's ids of reference data that rows name by code; kept for a minute, and read again for a name that is missing: finance may just have set it up. */
export interface Lookups {
  /** ISO 3166 two-letter code. Rejects with `invalidData` for one Tryton does not have. */
  country(reader: Reader, code: string): Promise<number>;
  /** ISO 4217 code; the plan's currency where none is given. */
  currency(reader: Reader, code: string | null): Promise<number>;
  /** Unit of measure by its English name. */
  unit(reader: Reader, name: string): Promise<number>;
}

export function createLookups(plan: TrytonSystem): Lookups {
  const country = lookup('country.country', 'code', 'country', anyActivity);
  const currency = lookup('currency.currency', 'code', 'currency', []);
  const unit = lookup('product.uom', 'name', 'unit', []);
  return { country, currency: (reader, code) => currency(reader, code ?? plan.currency), unit };
}

/** How long what was read is good for (ms). */
const freshForMs = 60_000;

function lookup(model: string, field: string, noun: string, always: Domain): (reader: Reader, name: string) => Promise<number> {
  const known = { ids: new Map() as ReadonlyMap<string, number>, readAt: 0 };
  return async (reader, name) => {
    if (Date.now() - known.readAt > freshForMs || !known.ids.has(name))
      Object.assign(known, { readAt: Date.now(), ids: byName(await reader.search(model, always, [field]), field) });
    const id = known.ids.get(name);
    if (id === undefined) throw badRow(`Tryton has no ${noun} "${name}"`, 'have finance set it up before the load, or correct the mapping');
    return id;
  };
}

function byName(rows: readonly JsonObject[], field: string): ReadonlyMap<string, number> {
  return new Map(rows.map((row) => [String(textOf(row[field])), Number(row['id'])]));
}
