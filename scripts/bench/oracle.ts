import { accountAt, fieldNames, keyField } from './accounts.ts';

/** A record as the target holds it. */
export type TargetRow = Readonly<Record<string, unknown>>;

/** What the target holds after a round, against what it should: null where it is right, else the first faults in words. */
export type OracleWords = string | null;

/**
 * Judges a round by the target's own records: exactly the accounts 0 to `count - 1`, each key once, every field as the source has it. `pages` are
 * all the records of the target.
 */
export async function judge(pages: AsyncIterable<readonly TargetRow[]>, count: number): Promise<OracleWords> {
  const seen = new Uint8Array(count);
  const faults = { strange: 0, doubled: 0, differing: 0 };
  const told: string[] = [];
  const note = (fault: keyof typeof faults, what: string): void => {
    faults[fault] += 1;
    if (told.length === 0) told.push(what);
  };
  for await (const page of pages) {
    for (const row of page) {
      const key = String(row[keyField]);
      const n = /^A\d{7,}$/.test(key) ? Number(key.slice(1)) : Number.NaN;
      if (!(n < count)) note('strange', `a record with the key ${key}`);
      else if (seen[n] === 1) note('doubled', `${key} twice`);
      else {
        seen[n] = 1;
        const field = differingField(row, n);
        if (field !== null) note('differing', `${key} differs in ${field}`);
      }
    }
  }
  const missing = seen.reduce((sum, found) => sum - found, count);
  if (missing + faults.strange + faults.doubled + faults.differing === 0) return null;
  const counts = `${String(missing)} missing, ${String(faults.doubled)} doubled, ${String(faults.differing)} differing, ${String(faults.strange)} strange`;
  return [counts, ...told.map((what) => `first: ${what}`)].join('; ');
}

function differingField(row: TargetRow, n: number): string | null {
  const account = accountAt(n);
  return fieldNames.find((field) => row[field] !== account[field]) ?? null;
}
