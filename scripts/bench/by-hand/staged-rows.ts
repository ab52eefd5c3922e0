import type { Tools } from './tools.ts';

export interface StagedRow {
  readonly key: string;
  readonly payload: string;
}

const statement = { name: 'read', text: 'select key, payload from staged where n >= $1 and n < $2 order by n' } as const;

/** Reads one batch of staged rows. */
export async function readRows({ database, batch }: Tools, first: number): Promise<readonly StagedRow[]> {
  return (await database.query<StagedRow>({ ...statement, values: [first, first + batch] })).rows;
}
