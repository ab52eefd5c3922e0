import { accountAt, fieldNames, keyField } from './accounts.ts';

/** A record as the target holds it. */
export type TargetRow = Readonly<Record<string, unknown>>;

/** What the target holds after a round, against what it should: null where it is right, else the first faults in words. */
export type OracleWords = string | null;

/** What there should be: numbered records, each of which the target tells by its key. */
export interface Wanted {
  readonly count: number;
  /** The field that holds the key, and the number of a key; NaN where it is none of ours. */
  readonly keyField: string;
  numberOf(key: string): number;
  /** Whether this one should be there. */
  has(n: number): boolean;
  /** The first field that is not as it should be; null where all are. */
  differs(row: TargetRow, n: number): string | null;
}

/**
 * Judges a round by the target's own records: exactly the accounts 0 to `count - 1`, but those that `isLeft` names, each key once, every field as the source
 * has it. `pages` are all the records of the target.
 */
export function judge(
  pages: AsyncIterable<readonly TargetRow[]>,
  count: number,
  isLeft: (n: number) => boolean = () => false,
): Promise<OracleWords> {
  return judgeAll(pages, {
    count,
    keyField,
    numberOf: (key) => (/^A\d{7,}$/.test(key) ? Number(key.slice(1)) : Number.NaN),
    has: (n) => !isLeft(n),
    differs: (row, n) => {
      const account = accountAt(n);
      return fieldNames.find((field) => row[field] !== account[field]) ?? null;
    },
  });
}

/** Judges records of any kind: each that should be there once and as it should be, and nothing else. */
export async function judgeAll(pages: AsyncIterable<readonly TargetRow[]>, wanted: Wanted): Promise<OracleWords> {
  const { count } = wanted;
  const seen = new Uint8Array(count);
  const faults = { strange: 0, doubled: 0, differing: 0 };
  const told: string[] = [];
  const note = (fault: keyof typeof faults, what: string): void => {
    faults[fault] += 1;
    if (told.length === 0) told.push(what);
  };
  for await (const page of pages) {
    for (const row of page) {
      const key = String(row[wanted.keyField]);
      const n = wanted.numberOf(key);
      if (!(n < count) || !wanted.has(n)) note('strange', `a record with the key ${key}`);
      else if (seen[n] === 1) note('doubled', `${key} twice`);
      else {
        seen[n] = 1;
        const field = wanted.differs(row, n);
        if (field !== null) note('differing', `${key} differs in ${field}`);
      }
    }
  }
  const missing = seen.reduce((sum, found, n) => sum + (found === 0 && wanted.has(n) ? 1 : 0), 0);
  if (missing + faults.strange + faults.doubled + faults.differing === 0) return null;
  const counts = `${String(missing)} missing, ${String(faults.doubled)} doubled, ${String(faults.differing)} differing, ${String(faults.strange)} strange`;
  return [counts, ...told.map((what) => `first: ${what}`)].join('; ');
}
