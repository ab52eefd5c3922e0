import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/dev/project.ts';

const skipped = ['node_modules', 'coverage', 'dist'];

export function readProjectFile(file: string): string {
  return readFileSync(join(projectRoot, file), 'utf8');
}

/** Files of the repository whose name ends so, hidden folders and what is built aside. */
export function projectFiles(folder: string, ending: string): readonly string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name.startsWith('.') || skipped.includes(entry.name) ? [] : projectFiles(path, ending);
    return path.endsWith(ending) ? [path] : [];
  });
}

/** Every document of the project. */
export const pages = projectFiles('', '.md');

/** A fenced block of a document; `language` is what stands behind the fence. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

export function blocksOf(page: string): readonly Block[] {
  const fence = /^( *)```(.*)\n([^]*?)^ *```$/gm;
  return Array.from(readProjectFile(page).matchAll(fence), ([, indent = '', language = '', text = '']) => ({
    page,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** What stands between backquotes in running text and tables. */
export function spansOf(page: string): readonly string[] {
  const text = readProjectFile(page).replaceAll(/^ *```[^]*?^ *```$/gm, '');
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, span = '']) => span.replaceAll(/\s+/g, ' '));
}

const program = /^(?:cutover|npm|npx|node|docker|temporal|psql|pip|sh|bash) /;

/** Every command of the documents, once: the lines of shell blocks, indented lines, and what stands in running text. */
export function documentedCommands(): readonly string[] {
  const found = pages.flatMap((page) => [
    ...blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'))
      .map((line) => line.replace(/(^|\s+)#.*$/, '').trim()),
    ...Array.from(readProjectFile(page).matchAll(/^ {4,}(\S.*)$/gm), ([, line = '']) => line).filter((line) => program.test(line)),
    ...spansOf(page).filter((span) => program.test(span)),
  ]);
  return [...new Set(found)].filter((command) => command !== '');
}

/** Every statement of the documents for a database, once: SQL blocks and what stands in running text. */
export function documentedStatements(): readonly string[] {
  const found = pages.flatMap((page) => [
    ...blocksOf(page)
      .filter(({ language }) => language === 'sql')
      .flatMap(({ text }) => text.split(/;\s*$/m)),
    ...spansOf(page).filter((span) => /^(?:alter|revoke|grant|update|insert|delete|drop|create) \S+ \S+/.test(span)),
  ]);
  return [...new Set(found.map((statement) => statement.replaceAll(/^--.*$/gm, '').trim()))].filter((statement) => statement !== '');
}
