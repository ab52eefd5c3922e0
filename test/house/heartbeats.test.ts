import { expect, test } from 'vitest';
import { projectFiles, readProjectFile as read } from '../support/docs.ts';

/** What a sign of life may tell: names of the plan, numbers that the ledger gave, counts, and the limit that is waited for. Nothing of it is of a record. */
const allowed = ['checked', 'reading', 'object', 'lane', 'done', 'total', 'due', 'verified', 'elapsedMs', 'waits'];

const sources = ['activities', 'ledger', 'adapters', 'workers'].flatMap((room) => projectFiles(room, '.ts'));

/** The properties of each call of `progress` in a source; null for one whose properties cannot be read there. */
function calls(source: string): readonly (readonly string[] | null)[] {
  const found = source.matchAll(/(?<!function |\.|\w)progress\((?!done: )(?:\{([^{}]*)\})?/g);
  return Array.from(found, ([, properties]) => (properties === undefined ? null : namesIn(properties)));
}

function namesIn(properties: string): readonly string[] {
  return properties
    .split(',')
    .map((property) => property.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '');
}

function strayIn(source: string): readonly string[] {
  return calls(source).flatMap((names) =>
    names === null ? ['what is not written there'] : names.filter((name) => !allowed.includes(name)),
  );
}

test('signs of life tell names of the plan, ordinals and counts: no key of a record, because what they tell may end in a history', () => {
  const told = sources.flatMap((file) => calls(read(file)));
  expect(told.length).toBeGreaterThan(8);
  expect(sources.flatMap((file) => strayIn(read(file)).map((name) => `${file}: ${name}`))).toEqual([]);
  expect(strayIn('progress({ object: name, key: row.key });')).toEqual(['key']);
  expect(strayIn('progress(mark);')).toHaveLength(1);
});

test('only one file speaks to Temporal of progress, and adds nothing to what it was told', () => {
  const speaking = sources.filter((file) => /\bheartbeat\b\s*[(,}]/.test(read(file)));
  expect(speaking).toEqual(['activities/pulse.ts']);
  const told = Array.from(read('activities/pulse.ts').matchAll(/\bheartbeat\((.*)\);/g), ([, what]) => what);
  expect(told).toEqual(['details', 'told.get(context)']);
});
