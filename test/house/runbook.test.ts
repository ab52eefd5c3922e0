import { expect, test } from 'vitest';
import { projectFiles, readProjectFile as read } from '../support/docs.ts';

/** Rooms whose sentences people see in Temporal UI, the command line and the report. */
const rooms = ['domain', 'contracts', 'records', 'workflows', 'adapters', 'ledger', 'activities', 'reports', 'workers', 'scripts'];

/** All that the program may say, with what is filled in at run time as a gap. */
const said = rooms
  .flatMap((room) => projectFiles(room, '.ts'))
  .map(read)
  .join('\n')
  .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '...')
  .replaceAll(/\\(['`"])/g, '$1');

/** What the runbook tells people to look for: the first column of its table, and every paragraph that begins with `You see`. */
function lookedFor(page: string): readonly string[] {
  const cells = Array.from(page.matchAll(/^\| (.*?) \| \[/gm), ([, cell = '']) => cell);
  const paragraphs = Array.from(page.matchAll(/^\*You see\* ([\s\S]*?)(?=\n\*It means\*|\n\n)/gm), ([, text = '']) => text);
  return [...cells, ...paragraphs].flatMap((text) => Array.from(text.matchAll(/`([^`]+)`/g), ([, sentence = '']) => sentence));
}

/** The parts of a sentence between its gaps; a part of one word alone is a name and proves nothing. */
function parts(sentence: string): readonly string[] {
  return sentence
    .replaceAll('\n', ' ')
    .split(/\.\.\.|\d+/)
    .map((part) => part.trim())
    .filter((part) => part.includes(' '));
}

/** Whether the program says it; its first or its last word may be one that is filled in. */
function isSaid(part: string): boolean {
  const words = part.split(' ');
  return [words, words.slice(0, -1), words.slice(1)].some((some) => said.includes(some.join(' ')));
}

test('every sentence the runbook tells people to look for is one the program says', () => {
  const sentences = lookedFor(read('docs/runbook.md'));
  expect(sentences.length).toBeGreaterThan(15);
  const unknown = sentences.flatMap(parts).filter((part) => !isSaid(part));
  expect(unknown).toEqual([]);
});
