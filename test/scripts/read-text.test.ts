import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readPlan } from '../../scripts/read-plan.ts';
import { largestFile, readText } from '../../scripts/read-text.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-text-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array | string): Promise<unknown> {
  const file = join(folder, 'plan.yaml');
  await writeFile(file, bytes);
  return readText(file);
}

describe('a file of a plan', () => {
  test('is read in UTF-8, with or without its mark', async () => {
    expect(await read('name: Müller\n')).toEqual({ text: 'name: Müller\n' });
    expect(await read('\uFEFFname: Müller\n')).toEqual({ text: 'name: Müller\n' });
    expect(await read('')).toEqual({ text: '' });
  });

  test('in Latin-1 is refused with the line, and never shown as something else', async () => {
    expect(await read(Buffer.from('name: a\nreason: Für Sie\n', 'latin1'))).toEqual({
      message: 'Line 2 of this file is not UTF-8; it may be Latin-1 (ISO 8859-1 or Windows-1252).',
      remedy: 'Save it in UTF-8, and look at its umlauts and accents afterwards.',
    });
  });

  test('in UTF-16 or UTF-32 is refused, with and without its mark', async () => {
    const message = 'This file is written in UTF-16 or UTF-32, or it is no text.';
    const little = Buffer.from('name: a\n', 'utf16le');
    for (const bytes of [
      little,
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.from(little).swap16(),
      Buffer.from([0xfe, 0xff, 0, 0x61]),
    ])
      expect(await read(bytes)).toMatchObject({ message });
    expect(await read(Buffer.from([0x61, 0, 0, 0]))).toMatchObject({ message });
  });

  test('of 100 MB is refused at once', async () => {
    const file = join(folder, 'large.yaml');
    await writeFile(file, '');
    await truncate(file, 100_000_000);
    expect(await readText(file)).toMatchObject({ message: `This file is larger than ${String(largestFile / 1_024 / 1_024)} MiB.` });
  });

  test('that is a folder, a device, a pipe, or not there is refused in words', async () => {
    const pipe = join(folder, 'pipe.yaml');
    await promisify(execFile)('mkfifo', [pipe]);
    expect(await readText(folder)).toMatchObject({ message: 'This is a folder.' });
    expect(await readText('/dev/zero')).toMatchObject({ message: 'This is no ordinary file.' });
    expect(await readText(pipe)).toMatchObject({ message: 'This is no ordinary file.' });
    expect(await readText(join(folder, 'nowhere.yaml'))).toMatchObject({ message: 'This file cannot be read.' });
  });
});

test('a plan that cannot be read as text is one problem, with its remedy', async () => {
  expect((await readPlan('/dev/zero', null)).problems).toEqual([
    { file: '/dev/zero', line: 1, path: '', message: 'This is no ordinary file.', remedy: 'Name the YAML file itself.' },
  ]);
});

test('a plan with a fault of shape says that more may follow once it is mended', async () => {
  const file = join(folder, 'shape.yaml');
  await writeFile(file, 'name: 7\nversion: 1\n');
  const { problems } = await readPlan(file, null);
  expect(problems.length).toBeGreaterThan(2);
  expect(problems.at(-1)).toMatchObject({
    message: 'The rest of this file could not be checked yet.',
    remedy: 'Mend these first, then check again: more may follow.',
  });
});
