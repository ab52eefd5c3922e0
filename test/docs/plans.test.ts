import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { envSchema } from '../../domain/plan/env.ts';
import { planSchema } from '../../domain/plan/plan.ts';
import { schemaFiles } from '../../scripts/json-schema.ts';
import { blocksOf, pages, readProjectFile } from '../support/docs.ts';

type Json = Readonly<Record<string, unknown>>;

const schemas = { plan: planSchema, env: envSchema };
const shapes = Object.values(schemaFiles()).map((text) => JSON.parse(text) as Json);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What may stand under a key, wherever plan or env have one of this name. */
function shapesOf(key: string, shape: unknown = shapes): readonly Json[] {
  if (typeof shape !== 'object' || shape === null) return [];
  const own = isObject(shape) && isObject(shape['properties']) ? shape['properties'][key] : undefined;
  return [...(isObject(own) ? [own] : []), ...Object.values(shape).flatMap((inner) => shapesOf(key, inner))];
}

/** The same shape for a fragment that leaves things out: nothing is required, and dots stand for the rest. */
function loosened(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(loosened);
  if (!isObject(shape)) return shape;
  const parts = Object.entries(shape).filter(([key]) => key !== 'required');
  const loose: Record<string, unknown> = Object.fromEntries(parts.map(([key, inner]) => [key, loosened(inner)]));
  if (isObject(loose['properties'])) loose['properties'] = { ...loose['properties'], '...': {} };
  return loose;
}

/** Whether a text is YAML that may stand under this key somewhere in a plan or an env file. */
function fits(key: string, text: string): boolean {
  const value: unknown = parse(text);
  const defs = Object.assign({}, ...shapes.map((shape) => shape['$defs'] ?? {})) as Json;
  return shapesOf(key).some((shape) => {
    const whole = { ...shape, $defs: defs };
    return z.fromJSONSchema((text.includes('...') ? loosened(whole) : whole) as never).safeParse(value).success;
  });
}

/** Rows of a table of keys: the names in its first column with the examples in its last. */
function rowsOf(page: string): readonly (readonly [string, string])[] {
  const tables = readProjectFile(page).matchAll(
    /^\| (?:key|key of a \w+|timing) \| meaning \| (?:example|rehearsal) \|\n\| -.*\n((?:\|.*\n)+)/gm,
  );
  const spans = (cell = ''): readonly string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, span = '']) => span);
  return Array.from(tables, ([, rows = '']) => rows.trim().split('\n'))
    .flat()
    .flatMap((row) => {
      const cells = row.split(/ ?(?<!\\)\| ?/);
      const [keys, examples] = [spans(cells[1]), spans(cells[3])];
      return examples.length === 0
        ? []
        : keys.flatMap((key, index) => (examples[index] === undefined ? [] : [[key, examples[index]] as const]));
    });
}

describe('examples in docs/plan.md', () => {
  const rows = rowsOf('docs/plan.md');

  test('are there in number, and a wrong one would be found', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(fits('rounding', 'halfUp')).toBe(true);
    expect(fits('rounding', 'sideways')).toBe(false);
    expect(fits('deadline', '20 minutes')).toBe(false);
    expect(fits('pilot', '{ name: pilot, account: [ALFKI] }')).toBe(false);
    expect(fits('systems', 'legacy: { adapter: abacus, ... }')).toBe(false);
  });

  test.each(rows)('%s may be: %s', (key, example) => {
    expect(fits(key, example)).toBe(true);
  });
});

describe('blocks of documents', () => {
  const blocks = pages.flatMap(blocksOf);

  test('say what they are, and each kind is looked at: text is for the eye, shell and SQL are run elsewhere', () => {
    expect(blocks.filter(({ language }) => !['text', 'sh', 'sql', 'yaml'].includes(language))).toEqual([]);
  });

  test('of YAML are whole plans or envs, or parts of one, key by key', () => {
    for (const { page, text } of blocks.filter(({ language }) => language === 'yaml')) {
      const document = parse(text) as Json;
      const whole = 'systems' in document && 'version' in document;
      const schema = 'mode' in document ? schemas.env : schemas.plan;
      const sound = whole
        ? schema.safeParse(document).success
        : Object.entries(document).every(([key, value]) => fits(key, JSON.stringify(value)));
      expect({ page, text, sound }).toMatchObject({ sound: true });
    }
  });
});
