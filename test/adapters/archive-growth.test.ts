import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createArchive } from '../../adapters/archive/archive.ts';

/** Files of the archive that were read. */
let reads = 0;
const { readFile } = files;
beforeAll(() => {
  files.readFile = ((...args: Parameters<typeof readFile>) => {
    reads += 1;
    return readFile(...args);
  }) as typeof readFile;
  syncBuiltinESMExports();
});
afterAll(() => {
  files.readFile = readFile;
  syncBuiltinESMExports();
});

let folder: string;
beforeEach(async () => {
  folder = await files.mkdtemp(join(tmpdir(), 'cutover-archive-'));
});
afterEach(() => files.rm(folder, { recursive: true, force: true }));

const openArchive = () => createArchive({ system: 'vault', values: { folder }, callTimeoutMs: 1_000 });

/** Files read to put so many parts, each verified at once as an export does, and then to verify all of them as the end of a run does. */
async function readsOf(parts: number): Promise<{ readonly put: number; readonly end: number }> {
  await files.rm(folder, { recursive: true, force: true });
  await files.mkdir(folder);
  reads = 0;
  const archive = openArchive();
  for (let n = 0; n < parts; n += 1) {
    await archive.put(`part-${String(n)}`, [{ key: String(n), account: null, fields: {} }]);
    await archive.verify(`part-${String(n)}`);
  }
  const put = reads;
  const later = openArchive();
  for (const part of await later.parts()) await later.check(part);
  return { put, end: reads - put };
}

test('four times the parts take no more than 4.4 times the files read to put and to verify them', async () => {
  const [one, four] = [await readsOf(25), await readsOf(100)];
  expect(one.put).toBeGreaterThan(25);
  expect(four.put / one.put).toBeLessThan(4.4);
  expect(four.end / one.end).toBeLessThan(4.4);
});

test('what another process puts meanwhile is met, and a part gets one entry however many put it', async () => {
  const [one, other] = [openArchive(), openArchive()];
  for (const [name, archive] of [
    ['a', one],
    ['b', other],
    ['c', one],
    ['d', other],
    ['a', other],
  ] as const)
    await archive.put(name, [{ key: name, account: null, fields: {} }]);
  await Promise.all(['e', 'f', 'e'].map((name) => one.put(name, [{ key: name, account: null, fields: {} }])));
  expect((await other.parts()).map(({ part }) => part).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(await other.verify('f')).toMatchObject({ rows: 1 });
});

test('an entry that was changed behind the last one a process knows keeps it from putting another part', async () => {
  const archive = openArchive();
  for (const name of ['a', 'b']) await archive.put(name, [{ key: name, account: null, fields: {} }]);
  const file = join(folder, 'manifest', '000002.json');
  const entry = await files.readFile(file, 'utf8');
  await files.chmod(file, 0o644);
  await files.writeFile(file, entry.replace('"rows":1', '"rows":2').replace(/"previous":"./, '"previous":"-'));
  await expect(archive.put('c', [])).rejects.toMatchObject({ kind: 'invalidData' });
  await files.writeFile(file, entry);
  await archive.put('c', []);
});
