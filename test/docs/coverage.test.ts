import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../scripts/dev/project.ts';
import { documentedCommands, documentedStatements, readProjectFile } from '../support/docs.ts';
import { chapters, elsewhere, ownBusiness } from './manual.ts';

const commands = documentedCommands();
const homes = [...Object.values(chapters), ...ownBusiness, ...elsewhere.map(({ command }) => command)];

test('every command of the documents is run by a test or covered elsewhere, and nothing is kept for one that is gone', () => {
  const homesOf = (command: string): number => homes.filter((home) => home.test(command)).length;
  expect(commands.filter((command) => homesOf(command) !== 1)).toEqual([]);
  expect(homes.filter((home) => !commands.some((command) => home.test(command)))).toEqual([]);
  expect(homesOf('cutover decide cutover/northwind/1 perhaps --by it')).toBe(0);
  expect(elsewhere.filter(({ covered }) => !existsSync(join(projectRoot, covered)))).toEqual([]);
});

test('what is said to be part of npm test is part of it', () => {
  const { scripts } = JSON.parse(readProjectFile('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  expect(scripts['pretest']).toBe('npm run -s setup');
  const [, options = ''] = scripts['test']?.split('vitest run --coverage --project=!long ') ?? [];
  expect(options.split(' ')).toContain('--reporter=./test/support/static-checks.ts');
  expect(readProjectFile('test/support/static-checks.ts')).toContain(`'npm', ['run', '-s', 'check:static']`);
  for (const name of ['format', 'lint', 'types', 'arrows', 'dead', 'copies'])
    expect(scripts['check:static']).toContain(`npm run -s ${name}`);
  expect(scripts['check']).toBe('npm run -s check:static && vitest run --coverage --project=unit');
  expect(scripts['test:long']).toContain('vitest run --project=long ');
});

test('every statement of the documents for a database is carried out by a test', () => {
  expect(
    documentedStatements().filter(
      // The last three: test/dev/own-legacy.test.ts.
      (statement) =>
        !/^(alter table (orders|\.\.\.) enable always trigger|drop schema|create role|grant (usage|select, trigger)) /.test(statement),
    ),
  ).toEqual([]);
});
