import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArchivePart } from '../../contracts/source.ts';
import { errorCode } from '../../contracts/failures.ts';
import { archiveFailure, type Place } from './failure.ts';
import { writeOnce } from './write-once.ts';

/** `previous` is the SHA-256 of the file before this one; empty in the first. */
const entrySchema = z.strictObject({
  part: z.string(),
  rows: z.number().int().min(0),
  sha256: z.string().length(64),
  previous: z.string(),
});

interface Manifest {
  readonly parts: readonly ArchivePart[];
  /** SHA-256 of the newest entry's file. */
  readonly head: string;
}

/** The parts in the order they were archived. Rejects with kind `invalidData` when an entry was changed, removed or slipped in. */
export async function readManifest(place: Place): Promise<readonly ArchivePart[]> {
  return (await readChain(place)).parts;
}

/**
 * Gives a part its entry unless it has one, and returns the entry it has. The number of the next entry can be taken only
 * once, so of two processes that write at the same time one comes second and reads again.
 */
export async function record(place: Place, wanted: ArchivePart): Promise<ArchivePart> {
  for (;;) {
    const { parts, head } = await readChain(place);
    const found = parts.find((other) => other.part === wanted.part);
    if (found !== undefined) return found;
    const { part, rows, sha256 } = wanted;
    if (await writeOnce(entryFile(place.folder, parts.length), `${JSON.stringify({ part, rows, sha256, previous: head })}\n`))
      return wanted;
  }
}

async function readChain(place: Place): Promise<Manifest> {
  const parts: ArchivePart[] = [];
  let head = '';
  const { folder } = place;
  const count = (await entryNames(folder)).length;
  for (let index = 0; index < count; index += 1) {
    const text = await readFile(entryFile(folder, index), 'utf8').catch(() => '');
    const entry = entrySchema.safeParse(parseJson(text)).data;
    if (entry?.previous !== head)
      throw archiveFailure(
        place,
        'invalidData',
        'manifest',
        `entry ${String(index + 1)} of the manifest is missing or was changed; restore the folder from its backup`,
      );
    parts.push({ part: entry.part, rows: entry.rows, sha256: entry.sha256 });
    head = createHash('sha256').update(text).digest('hex');
  }
  return { parts, head };
}

async function entryNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(folder, 'manifest'))).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function entryFile(folder: string, index: number): string {
  return join(folder, 'manifest', `${String(index + 1).padStart(6, '0')}.json`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
