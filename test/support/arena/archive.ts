import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Business } from '../../../scripts/dev/business.ts';

/** A record of new business as it lies in the archive for entry in legacy. */
export interface ExportedRow {
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What lies in the archive's folder for entry in legacy: the rows of each part in their order, by the key of its first. */
export async function exportedParts({ archive }: Pick<Business, 'archive'>): Promise<readonly (readonly ExportedRow[])[]> {
  const folder = join(archive, 'parts');
  const names = (await readdir(folder)).filter((name) => name.startsWith('new-business-'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const parts = texts.map((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ExportedRow),
  );
  return parts.sort(([a], [b]) => Number(a?.key) - Number(b?.key));
}
