import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createArchive } from '../../adapters/archive/archive.ts';
import type { ArchivePort, SourceRow } from '../../contracts/source.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-archive-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openArchive = (at = folder): ArchivePort => createArchive({ system: 'vault', values: { folder: at }, callTimeoutMs: 1_000 });

const rows: readonly SourceRow[] = [
  {
    key: '10248',
    account: 'VINET',
    fields: { order_id: '10248', freight: '32.38', note: 'line one\nline two', lines: [{ product: '11', price: '14.0000' }] },
  },
  { key: '10249', account: null, fields: { order_id: '10249', freight: null } },
];
const onlyFile = async (kind: 'parts' | 'manifest', index = 0): Promise<string> =>
  join(folder, kind, (await readdir(join(folder, kind))).sort()[index] ?? '');

test('an archived part is one record a line, passes its own check and is read as it was put, from another process’s view too', async () => {
  const part = await openArchive().put('orders-1', rows);
  expect(part).toMatchObject({ part: 'orders-1', rows: 2 });
  const lines = (await readFile(await onlyFile('parts'), 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
  expect(await openArchive().verify('orders-1')).toEqual(part);
  expect(await openArchive().read('orders-1')).toEqual(rows);
  expect(await openArchive().parts()).toEqual([part]);
});

test('the same part again changes nothing, other contents under its name are a conflict', async () => {
  const archive = openArchive();
  const part = await archive.put('orders-1', rows);
  expect(await archive.put('orders-1', rows)).toEqual(part);
  await expect(archive.put('orders-1', rows.slice(1))).rejects.toMatchObject({ kind: 'conflict' });
  expect(await archive.parts()).toEqual([part]);
  expect(await archive.verify('orders-1')).toEqual(part);
});

test('all files are read-only and no draft stays behind', async () => {
  await openArchive().put('orders-1', rows);
  for (const kind of ['parts', 'manifest'] as const) {
    const names = await readdir(join(folder, kind));
    expect(names).toHaveLength(1);
    expect((await stat(join(folder, kind, names[0]!))).mode & 0o777).toBe(0o444);
  }
});

test('one flipped byte in a part is found', async () => {
  const archive = openArchive();
  await archive.put('orders-1', rows);
  const file = await onlyFile('parts');
  const bytes = await readFile(file);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await chmod(file, 0o644);
  await writeFile(file, bytes);
  await expect(archive.verify('orders-1')).rejects.toMatchObject({ kind: 'invalidData' });
});

test('a part whose file is gone, and a part that never was, are told apart', async () => {
  const archive = openArchive();
  await archive.put('orders-1', rows);
  await rm(await onlyFile('parts'));
  await expect(archive.verify('orders-1')).rejects.toMatchObject({ kind: 'invalidData' });
  await expect(archive.verify('orders-2')).rejects.toMatchObject({ kind: 'notFound' });
});

test('an entry that was changed, removed or slipped into the manifest is found', async () => {
  const archive = openArchive();
  for (const name of ['a', 'b', 'c']) await archive.put(name, rows);
  const file = await onlyFile('manifest', 1);
  const entry = await readFile(file, 'utf8');
  await chmod(file, 0o644);
  await writeFile(file, entry.replace('"rows":2', '"rows":1'));
  await expect(archive.parts()).rejects.toMatchObject({ kind: 'invalidData' });
  await writeFile(file, entry);
  expect(await archive.parts()).toHaveLength(3);
  await writeFile(join(folder, 'manifest', '000004.json'), entry);
  await expect(archive.parts()).rejects.toMatchObject({ kind: 'invalidData' });
  await rm(join(folder, 'manifest', '000004.json'));
  await rm(file);
  await expect(archive.put('d', rows)).rejects.toMatchObject({ kind: 'invalidData' });
});

test('many writers at once lose no part and keep one chain', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `part-${String(index)}`);
  await Promise.all(names.map((name) => openArchive().put(name, rows)));
  const archive = openArchive();
  expect((await archive.parts()).map(({ part }) => part).sort()).toEqual([...names].sort());
});

test('two writers of one name with different contents: one is archived, the other told', async () => {
  const outcomes = await Promise.allSettled([openArchive().put('same', rows), openArchive().put('same', rows.slice(1))]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await openArchive().verify('same');
});

test('a part name that would leave the folder is refused', async () => {
  await expect(openArchive().put('../evil', rows)).rejects.toMatchObject({ kind: 'invalidData' });
});

async function notAFolder(): Promise<string> {
  const file = join(folder, 'not-a-folder');
  await writeFile(file, '');
  return file;
}

test('a folder that cannot be written is told of as such', async () => {
  const file = await notAFolder();
  await expect(openArchive(file).put('a', rows)).rejects.toMatchObject({ kind: 'unavailable' });
});

test('preflight finds nothing wrong with a folder that takes parts, empty or not, and puts nothing into it', async () => {
  expect(await openArchive().probe()).toEqual({ problems: [] });
  expect(await readdir(folder)).toEqual([]);
  await openArchive().put('a', rows);
  expect(await openArchive().probe()).toEqual({ problems: [] });
});

/** To the administrator every folder of a disk is open; Linux keeps this one shut to everybody. */
async function lockedFolder(): Promise<string> {
  if (process.getuid?.() === 0) return '/proc/sys';
  const locked = join(folder, 'locked');
  await mkdir(locked, { mode: 0o555 });
  return locked;
}

test.each<[string, () => Promise<string>, RegExp]>([
  ['is not there', () => Promise.resolve(join(folder, 'elsewhere')), /^vault: there is no folder .*elsewhere; make it, or correct/],
  ['is a file', () => notAFolder(), /^vault: there is no folder .*not-a-folder; make it, or correct/],
  ['is another one for each worker', () => Promise.resolve('archive'), /^vault: "archive" is no absolute path, .*; give one$/],
  ['may not be written', lockedFolder, /^vault: .* may not be read and written by this worker; give its user both rights$/],
])('preflight tells of a folder that %s, with what to do', async (_what, place, sentence) => {
  expect(await openArchive(await place()).probe()).toEqual({ problems: [expect.stringMatching(sentence)] });
});

test('preflight tells of a manifest that was changed', async () => {
  await openArchive().put('a', rows);
  await rm(await onlyFile('manifest'));
  await writeFile(join(folder, 'manifest', '000001.json'), '{}');
  expect(await openArchive().probe()).toEqual({
    problems: [expect.stringMatching(/^vault: entry 1 of the manifest .* restore the folder/)],
  });
});

test('an archive without a folder is refused before anything is written', () => {
  expect(() => openArchive('')).toThrow(/^vault: the connection lacks folder; name its environment variable in the env file$/);
});
