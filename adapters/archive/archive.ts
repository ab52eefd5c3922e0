import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArchivePart, ArchivePort, SourceRow } from '../../contracts/source.ts';
import type { Connection } from '../../contracts/connection.ts';
import { errorCode } from '../../contracts/failures.ts';
import { needed } from '../setting.ts';
import { archiveFailure, guarded, type Place } from './failure.ts';
import { Manifest } from './manifest.ts';
import { archiveProblems } from './probe.ts';
import { writeOnce } from './write-once.ts';

/** Becomes part of a file name, so it must not lead out of the folder. */
const partName = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/;

/**
 * A write-once archive in the folder that `connection.values` names as `folder`: `parts/<name>-<hash>.jsonl`, one record a line, and `manifest/<number>.json`, one
 * entry a part, each holding the hash of the entry before it. Files are read-only and never written twice: a part whose
 * process stopped before its entry was made leaves only a file that no entry names. Rejects with kind `unavailable`
 * when the folder cannot be read or written, `invalidData` for a part name that is no file name.
 */
export function createArchive(connection: Connection): ArchivePort {
  const place: Place = { system: connection.system, folder: needed(connection, 'folder') };
  const manifest = new Manifest(place);
  return {
    probe: async () => ({ problems: await archiveProblems(place) }),
    put: (part, rows) => guarded(place, 'put', () => put(place, manifest, part, rows)),
    verify: (part) => guarded(place, 'verify', () => verify(place, manifest, part)),
    read: (part) => guarded(place, 'read', async () => rowsOf(await textOf(place, await entryOf(place, manifest, part)))),
    check: (part) => guarded(place, 'verify', () => check(place, part)),
    names: () => guarded(place, 'names', () => manifest.names()),
    parts: () => guarded(place, 'parts', () => manifest.parts()),
  };
}

async function put(place: Place, manifest: Manifest, part: string, rows: readonly SourceRow[]): Promise<ArchivePart> {
  if (!partName.test(part))
    throw archiveFailure(
      place,
      'invalidData',
      'put',
      `"${part}" cannot name a part; use letters, digits, dots, dashes and underscores, at most 100`,
    );
  const text = rows.map(({ key, account, fields }) => `${JSON.stringify({ key, account, fields })}\n`).join('');
  const wanted: ArchivePart = { part, rows: rows.length, sha256: sha256(text) };
  await writeOnce(fileOf(place, wanted), text);
  const found = await manifest.record(wanted);
  if (found.sha256 === wanted.sha256) return wanted;
  throw archiveFailure(
    place,
    'conflict',
    'put',
    `part ${part} is archived already with other contents (${String(found.rows)} records); an archived part never changes, so put these records under another name`,
  );
}

async function verify(place: Place, manifest: Manifest, part: string): Promise<ArchivePart> {
  return check(place, await entryOf(place, manifest, part));
}

async function entryOf(place: Place, manifest: Manifest, part: string): Promise<ArchivePart> {
  const entry = await manifest.entry(part);
  if (entry === undefined)
    throw archiveFailure(
      place,
      'notFound',
      'verify',
      `the manifest has no part ${part}; it was never archived here, or the folder is another one`,
    );
  return entry;
}

/** Whether the file of a part holds what its entry says. */
async function check(place: Place, entry: ArchivePart): Promise<ArchivePart> {
  await textOf(place, entry);
  return entry;
}

/** A part's text, which is what its entry says. */
async function textOf(place: Place, entry: ArchivePart): Promise<string> {
  const { part } = entry;
  const text = await readFile(fileOf(place, entry), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT')
      throw archiveFailure(place, 'invalidData', 'verify', `the file of part ${part} is gone; restore the folder from its backup`);
    throw error;
  });
  const lines = text.split('\n').length - 1;
  if (sha256(text) === entry.sha256 && lines === entry.rows) return text;
  throw archiveFailure(
    place,
    'invalidData',
    'verify',
    `part ${part} is not what was archived: its hash or its number of records differs from the manifest; restore the folder from its backup`,
  );
}

const rowSchema = z.object({ key: z.string(), account: z.string().nullable(), fields: z.record(z.string(), z.json()) });

function rowsOf(text: string): readonly SourceRow[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rowSchema.parse(JSON.parse(line)));
}

function fileOf({ folder }: Place, { part, sha256: hash }: ArchivePart): string {
  return join(folder, 'parts', `${part}-${hash.slice(0, 16)}.jsonl`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
