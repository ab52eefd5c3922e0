import { defaultPayloadConverter } from '@temporalio/common';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { asDetails, asSummary } from '../../contracts/metadata.ts';
import { projectFiles, readProjectFile } from '../support/docs.ts';

/** `temporal.api.common.v1.Payload`, as it goes over the wire. */
const payload = new protobuf.Type('Payload')
  .add(new protobuf.MapField('metadata', 1, 'string', 'bytes'))
  .add(new protobuf.Field('data', 2, 'bytes'));

/** The size by which a server judges a text (bytes). */
function sizeOf(text: string): number {
  return payload.encode(payload.create(defaultPayloadConverter.toPayload(text))).finish().length;
}

const texts = ['x', 'é', '工', '😀', '"', '\\', '\n', '\u0001', '\ud800', 'wave east, ', '"é工😀'].map((text) => text.repeat(30_000));

test('a summary and details are cut to what a Temporal server takes of them, whatever they hold, and not to less', () => {
  for (const text of texts) {
    const [summary, details] = [asSummary(text), asDetails(text)];
    expect([text.slice(0, 5), sizeOf(summary) <= 400, sizeOf(details) <= 20_000]).toEqual([text.slice(0, 5), true, true]);
    expect([sizeOf(summary) > 390, sizeOf(details) > 19_990]).toEqual([true, true]);
    expect(summary).toMatch(/…$/);
    expect(text.startsWith(summary.slice(0, -1))).toBe(true);
  }
});

test('a text that fits stays as it is', () => {
  const longest = 'x'.repeat(370);
  expect([asSummary(longest), asSummary(''), asDetails('Ä "quoted" line\n')]).toEqual([longest, '', 'Ä "quoted" line\n']);
});

test('every timer of a workflow is one whose summary is cut', () => {
  const files = projectFiles('workflows', '.ts');
  const imports = /import \{([^}]*)\} from '@temporalio\/workflow'/;
  const own = files.filter((file) => /\b(?:sleep|condition)\b/.test(imports.exec(readProjectFile(file))?.[1] ?? ''));
  expect(own).toEqual([]);
  expect(files.filter((file) => /from '\.{1,2}\/timers\.ts'/.test(readProjectFile(file))).length).toBeGreaterThan(10);
});
