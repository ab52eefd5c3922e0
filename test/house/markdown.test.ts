import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { expect, test } from 'vitest';
import { markdownLine, markdownText } from '../../contracts/markdown.ts';
import type { RunStatus, WaitingGate } from '../../contracts/messages.ts';
import { stopText } from '../../domain/gates/stops.ts';
import { triedOutText } from '../../domain/waves/pause.ts';
import { outlookLines, outlookOf } from '../../reports/outlook.ts';
import { described } from '../../scripts/described.ts';
import { projectFiles, readProjectFile } from '../support/docs.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';
import { detailsOf } from '../../workflows/run/details.ts';

/** A node of Markdown as a parser of it sees it. */
interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

const run = 'cutover/north-wind/1';
const by = { requestId: 'r', person: 'it', role: 'it' } as const;

/** Sentences of the program and of people that come into what Temporal UI shows, with what is in them of Markdown; and the commands they name. */
const cases: readonly (readonly [sentence: string, ...commands: readonly string[]])[] = [
  [triedOutText(run, 'east', 10), `cutover rollback ${run} --scope run`],
  [`the workflow of the run has ended; take it up again with: cutover recover ${run}`, `cutover recover ${run}`],
  [
    `see where it stands with cutover status ${run}, and ask <finance> -- *today*; then cutover gate ${run} switch-east --again; [the note](http://a.example/b_c), \`x\``,
    `cutover status ${run}`,
    `cutover gate ${run} switch-east --again`,
  ],
  ['<b>stop</b> & wait &lt; 5 & &amp; _all_ of snake_case, **bold**, ~~gone~~, C:\\temp\\*.csv <!-- never --> ![a](b)'],
  ['first line\n# second line\n- third\n\n1. fourth'],
  [stopText({ verb: 'rollback', scope: 'run', ...by, reason: 'a <person> said: # no' })],
  ['not ready: erp is not ready: the user has no right to <party>; give it `party.party`'],
  ['order 11072: net_total, <unit>; "customer" A*B'],
];
const sentences = cases.map(([sentence]) => sentence);

function nodesOf(markdown: string): readonly Node[] {
  const all = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return all(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
}

/** What a reader sees, and what of it stands in code spans. */
function seen(markdown: string): { readonly kinds: readonly string[]; readonly text: string; readonly code: readonly string[] } {
  const nodes = nodesOf(markdown);
  const shown = nodes.filter(({ type }) => type === 'text' || type === 'inlineCode');
  return {
    kinds: [...new Set(nodes.map(({ type }) => type))].filter(
      (type) => !['root', 'list', 'listItem', 'paragraph', 'text', 'inlineCode', 'link'].includes(type),
    ),
    text: shown.map(({ value = '' }) => value).join(''),
    code: shown.flatMap(({ type, value = '' }) => (type === 'inlineCode' ? [value] : [])),
  };
}

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
test.each(cases)('Temporal UI shows the sentence as it is, its commands in code spans: %s', (sentence, ...commands) => {
  const { kinds, text, code } = seen(`- held: ${markdownText(sentence)}`);
  expect(kinds).toEqual([]);
  expect(text).toBe(`held: ${flat(sentence)}`);
  expect(code).toEqual(commands);
});

const gate: WaitingGate = {
  gate: 'switch-east',
  wave: 'east',
  attempt: 2,
  factsHash: 'abc',
  roles: ['finance', 'it'],
  missing: ['finance'],
  shut: [],
  since: '2026-01-05T10:00:00.000Z',
  deadline: null,
  atDeadline: 'hold',
};
const status: RunStatus = {
  run,
  phase: 'expansion',
  step: 'gate',
  wave: 'east',
  held: null,
  stops: [],
  waiting: null,
  rollback: null,
  refused: 1,
  end: null,
};
const anything = sentences.join('; ');

test.each<[string, Partial<RunStatus>]>([
  ['a run under way', {}],
  ['a step', { step: anything }],
  ['a hold', { held: anything }],
  ['stops', { stops: sentences }],
  ['a rollback', { rollback: `run: ${anything}` }],
  ['a gate that waits', { waiting: gate }],
  ['a gate that everybody has decided', { waiting: { ...gate, missing: [], deadline: '2026-01-06T10:00:00.000Z' } }],
  ['a gate that is shut', { waiting: { ...gate, shut: sentences } }],
])(
  'the current details of %s have each command in a code span, with all of its placeholders, and nothing that Markdown eats',
  (_, change) => {
    const details = detailsOf({ ...status, ...change });
    const { kinds, text, code } = seen(details);
    expect(kinds).toEqual([]);
    expect(
      code
        .filter((command) => /^cutover (?:resume|decide) /.test(command))
        .every((command) => command.endsWith(`--by <you> --role <role> --reason "<why>"`)),
    ).toBe(true);
    const outside = nodesOf(details)
      .filter(({ type }) => type === 'text')
      .map(({ value = '' }) => value);
    expect(outside.filter((part) => part.includes(run))).toEqual([]);
    for (const sentence of change.stops ?? change.waiting?.shut ?? []) expect(text).toContain(flat(sentence));
    for (const told of [change.step, change.held, change.rollback]) if (told != null) expect(text).toContain(flat(told));
  },
);

test('what is told of a run before it begins is shown line by line, placeholders included, each heading for itself', () => {
  const plan = samplePlan((raw) => Object.assign(raw.rollback, { pointsOfNoReturn: ['The *last* <invoice> of_legacy'] }));
  const { staticDetails } = described(plan, sampleEnv());
  const { kinds, text } = seen(staticDetails);
  expect(kinds).toEqual([]);
  for (const line of outlookLines(outlookOf(plan, sampleEnv()))) expect(text).toContain(line.replace(/^\s*(?:\d+\.|-) /, ''));
  expect(text).toContain('retry-<wave>');
  const [root] = nodesOf(staticDetails);
  expect(root?.children?.map(({ type }) => type)).toEqual([
    'paragraph',
    'list',
    'paragraph',
    'list',
    'paragraph',
    'list',
    'paragraph',
    'list',
  ]);
  expect(markdownLine('   - ask <it>')).toBe('   - ask \\<it>');
});

test('nothing else writes what Temporal UI renders as Markdown', () => {
  const writers = (text: string): readonly string[] =>
    ['workflows', 'scripts', 'activities']
      .flatMap((room) => projectFiles(room, '.ts'))
      .filter((file) => readProjectFile(file).includes(text));
  expect(writers('setCurrentDetails(')).toEqual(['workflows/run/view.ts']);
  expect(writers('staticDetails:')).toEqual(['workflows/child.ts', 'scripts/described.ts']);
  expect(writers('details: ').filter((file) => file.startsWith('workflows/'))).toEqual(['workflows/children.ts']);
  expect(readProjectFile('workflows/children.ts')).toContain('details: markdownText(');
});
