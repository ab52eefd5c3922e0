import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSalesforce } from '../../adapters/salesforce/salesforce.ts';
import { createSql } from '../../adapters/sql/source.ts';
import { createTryton } from '../../adapters/tryton/tryton.ts';
import { envSchema } from '../../domain/plan/env.ts';
import { planSchema } from '../../domain/plan/plan.ts';
import { salesforceSystemSchema, sqlSystemSchema, trytonSystemSchema } from '../../domain/plan/systems.ts';
import { projectRoot as root } from '../../scripts/dev/project.ts';
import { pages, projectFiles, readProjectFile as read } from '../support/docs.ts';
import { objectRow, systemRow } from './capability-rows.ts';

const scripts = (JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }).scripts;

/** What GitHub makes of a heading: small letters, no punctuation, dashes for spaces. */
function anchorsOf(page: string): readonly string[] {
  return Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('docs/adapters.md says what a target requires of every field that its adapter refuses by name', () => {
  const section = /^## What a target asks of a record$([^]*?)^## /m.exec(read('docs/adapters.md'))?.[1] ?? '';
  const sources = projectFiles('adapters/tryton', '.ts').map((file) => read(file));
  const refused = sources.flatMap((text) => Array.from(text.matchAll(/badRow\(\s*['`](\w+(?:\.\w+)?) (?!\$)/g), ([, field = '']) => field));
  const checked = sources.flatMap((text) => Array.from(text.matchAll(/(?:line|whole)Text\(\w+, '(\w+)'/g), ([, field = '']) => field));
  const priced = sources.flatMap((text) =>
    Array.from(text.matchAll(/(?:price|decimal)Field\([^)]*'([\w.]+)'\)/g), ([, field = '']) => field),
  );
  expect(refused).toContain('contactPerson');
  expect(priced).toContain('lines.quantity');
  // A sentence about rows or objects is about no field.
  const words = ['this', 'these', 'Tryton'];
  const named = [...new Set([...refused, ...checked, ...priced])].filter((field) => !words.includes(field));
  expect(named.filter((field) => !section.includes(`\`${field}\``))).toEqual([]);
});

test('the documents are there', () => {
  expect(pages).toEqual(
    expect.arrayContaining([
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      'docs/plan.md',
      'docs/adapters.md',
      'docs/runbook.md',
      'docs/cli.md',
    ]),
  );
});

describe.each(pages)('%s', (page) => {
  test('links to files and headings that exist', () => {
    const links = Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names only scripts of package.json', () => {
    const named = Array.from(read(page).matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g), ([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names only files and folders that exist', () => {
    const rooms = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : [],
    );
    const named = Array.from(read(page).matchAll(/`([\w.-]+\/[\w./-]*)`/g), ([, path = '']) => path).filter((path) =>
      rooms.includes(path.split('/')[0] ?? ''),
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('holds no path of somebody’s machine', () => {
    expect(read(page)).not.toMatch(/(^|[\s`'"(])\/(home|root|tmp|work|Users)\//m);
  });
});

test.each(projectFiles('examples', '.yaml'))('%s tells editors a schema that exists', (file) => {
  const schema = /\$schema=(\S+)/.exec(read(file))?.[1] ?? '';
  expect({ schema, exists: existsSync(join(root, dirname(file), schema)) }).toEqual({
    schema: expect.stringMatching(/\.json$/),
    exists: true,
  });
});

test('README promises in about a hundred lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(121);
});

test.each(projectFiles('docs/decisions', '.md'))('%s says need, candidates, pick, why and what leaving costs', (page) => {
  const labels = Array.from(read(page).matchAll(/^- \*\*(.+?):\*\*/gm), ([, label]) => label);
  expect(labels).toEqual(['Need', 'Candidates', 'Pick', 'Why', 'Cost of leaving']);
});

describe('ARCHITECTURE.md', () => {
  const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
    readonly forbidden: readonly { readonly name: string; readonly to: { readonly pathNot?: readonly string[] } }[];
  };
  const rules = forbidden
    .filter(({ name }) => name.endsWith('-imports'))
    .map(({ name, to }) => ({ room: name.replace(/-imports$/, ''), may: to.pathNot ?? [] }));

  test.each(rules)('says of $room what the checker allows it, no more and no less', ({ room, may }) => {
    const row = new RegExp(`^\\| \`${room}\` \\| (.+) \\|$`, 'm').exec(read('ARCHITECTURE.md'))?.[1] ?? '';
    const named = Array.from(row.matchAll(/`([^`]+)`/g), ([, name = '']) => name).concat(
      row.includes('any package') ? ['any package'] : [],
    );
    const allowed = may.flatMap(plainNames).filter((name) => name !== room);
    expect(named.toSorted()).toEqual(allowed.toSorted());
  });
});

/** The names behind one pattern of the checker's configuration. */
function plainNames(pattern: string): readonly string[] {
  if (pattern === '^(node_modules/)?.+(/|$)') return ['any package'];
  if (pattern.startsWith('^(node:)?[')) return ['node:*'];
  if (pattern.startsWith('^(node:)?')) return [`node:${pattern.slice('^(node:)?'.length, -1)}`];
  const name = pattern
    .replace(/^\^(\(node_modules\/\)\?)?/, '')
    .replace(/(\(\/\|\$\)|\/|\$)$/, '')
    .replaceAll('[.]', '.');
  const [before = '', inside] = name.split(/[()]/);
  return inside === undefined ? [name] : inside.split('|').map((part) => before + part);
}

describe('docs/plan.md', () => {
  test.each([
    ['plan', planSchema],
    ['env', envSchema],
  ])('names every key of the %s', (_, schema) => {
    const page = read('docs/plan.md');
    const missing = [...keysIn(z.toJSONSchema(schema, { io: 'input' }))].filter((key) => !new RegExp(`[\`{ ]${key}\\b`).test(page));
    expect(missing).toEqual([]);
  });
});

/** Names of the properties anywhere in a JSON Schema. */
function keysIn(value: unknown): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  const own = 'properties' in value && typeof value.properties === 'object' ? Object.keys(value.properties ?? {}) : [];
  return new Set([...own, ...Object.values(value).flatMap((child) => [...keysIn(child)])]);
}

describe('docs/adapters.md', () => {
  const to = {
    system: 'any',
    values: { url: 'http://127.0.0.1:9', loginUrl: 'http://127.0.0.1:9', database: 'any', user: 'any', clientId: 'any' },
    callTimeoutMs: 1_000,
  };
  const legacy = (freeze: 'triggers' | 'grants') =>
    createSql(sqlSystemSchema.parse({ adapter: 'sql', rounding: 'halfUp', freeze, tables: {}, queries: {} }), to);
  const erp = createTryton(trytonSystemSchema.parse({ adapter: 'tryton', company: 'any', currency: 'USD' }), to);
  const crm = createSalesforce(
    salesforceSystemSchema.parse({ adapter: 'salesforce', pointerField: 'BookOfRecord__c', markerField: 'CutoverEffect__c' }),
    to,
  );
  const lines = read('docs/adapters.md').split('\n');

  test('has the row of every system as its adapter declares it', () => {
    for (const { capabilities } of [legacy('triggers'), legacy('grants'), erp, crm]) expect(lines).toContain(systemRow(capabilities));
  });

  test('has the row of every object as its adapter declares it, and no other', () => {
    const rows = [erp, crm].flatMap(({ capabilities: { adapter, objects } }) =>
      Object.entries(objects).map(([name, object]) => objectRow(adapter, name, object)),
    );
    expect(lines.filter((line) => /^\| (tryton|salesforce) `/.test(line))).toEqual(rows);
  });
});
