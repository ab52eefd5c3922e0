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

/**
 * What one process has read of an archive's manifest, a chain that only grows. A part is put or looked up without reading all of it again: the newest
 * entry that is known is looked at, and those that came since are read.
 */
export class Manifest {
  readonly #place: Place;
  #parts = new Map<string, ArchivePart>();
  /** SHA-256 of the newest entry's file; empty where there is none. */
  #head = '';
  #reading: Promise<unknown> = Promise.resolve();

  constructor(place: Place) {
    this.#place = place;
  }

  /** The parts in the order they were archived, all read now. Rejects with kind `invalidData` when an entry was changed, removed or slipped in. */
  async parts(): Promise<readonly ArchivePart[]> {
    await this.#read(true);
    return [...this.#parts.values()];
  }

  /** The names of all parts, those that came since the manifest was last read included. */
  async names(): Promise<ReadonlySet<string>> {
    await this.#read(false);
    return new Set(this.#parts.keys());
  }

  /** The entry of a part; undefined where it has none. */
  async entry(part: string): Promise<ArchivePart | undefined> {
    await this.#read(false);
    return this.#parts.get(part);
  }

  /**
   * Gives a part its entry unless it has one, and returns the entry it has. The number of the next entry can be taken only
   * once, so of two processes that write at the same time one comes second and reads again.
   */
  async record(wanted: ArchivePart): Promise<ArchivePart> {
    for (;;) {
      const found = await this.entry(wanted.part);
      if (found !== undefined) return found;
      const { part, rows, sha256 } = wanted;
      const text = `${JSON.stringify({ part, rows, sha256, previous: this.#head })}\n`;
      if (await writeOnce(entryFile(this.#place.folder, this.#parts.size), text)) return wanted;
    }
  }

  /** Reads what is not known yet, or (anew) everything; one reading after the other. */
  #read(anew: boolean): Promise<void> {
    const reading = this.#reading.then(() => this.#readOn(anew));
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOn(anew: boolean): Promise<void> {
    const count = (await entryNames(this.#place.folder)).length;
    const known = this.#parts.size;
    const stands = !anew && known <= count && (known === 0 || hashOf(await this.#text(known - 1)) === this.#head);
    if (!stands) this.#forget();
    for (let index = this.#parts.size; index < count; index += 1) await this.#add(index);
  }

  #forget(): void {
    this.#parts = new Map();
    this.#head = '';
  }

  async #add(index: number): Promise<void> {
    const text = await this.#text(index);
    const entry = entrySchema.safeParse(parseJson(text)).data;
    if (entry?.previous !== this.#head || this.#parts.has(entry.part))
      throw archiveFailure(
        this.#place,
        'invalidData',
        'manifest',
        `entry ${String(index + 1)} of the manifest is missing or was changed; restore the folder from its backup`,
      );
    this.#parts.set(entry.part, { part: entry.part, rows: entry.rows, sha256: entry.sha256 });
    this.#head = hashOf(text);
  }

  #text(index: number): Promise<string> {
    return readFile(entryFile(this.#place.folder, index), 'utf8').catch(() => '');
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
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
