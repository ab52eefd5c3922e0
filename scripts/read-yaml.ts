import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { PlanProblem } from '../domain/plan/checks/problem.ts';
import { readText } from './read-text.ts';

/** Something wrong in a file: where, what, and what to change. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  /** As `objects[2].fields.party`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

type Path = PlanProblem['path'];

/** A YAML file as it was read; `value` is undefined where it could not be. */
export interface YamlFile {
  readonly value: unknown;
  readonly problems: readonly FileProblem[];
  /** A problem at a place of this file, with its line. */
  at(path: Path, message: string, remedy: string): FileProblem;
}

/** Reads one YAML document; keys that stand twice are problems, and so is anything that is no YAML. Never throws. */
export async function readYaml(file: string): Promise<YamlFile> {
  const read = await readText(file);
  if ('text' in read) return parseYaml(file, read.text);
  const problem = { file, line: 1, path: '', ...read };
  return { value: undefined, problems: [problem], at: (path, message, remedy) => ({ ...problem, path: pathText(path), message, remedy }) };
}

/** Reads the text of one YAML document that stands in `file`. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const faults: readonly YAMLError[] = [...document.errors, ...document.warnings];
  const problems = faults.map((fault): FileProblem => ({ file, line: lineAt(fault.pos[0]), path: '', ...wordsOf(fault, text) }));
  const at = (path: Path, message: string, remedy: string): FileProblem => ({
    file,
    line: lineAt(offsetOf(document, path)),
    path: pathText(path),
    message,
    remedy,
  });
  const broken = faults.some(({ code }) => code !== 'DUPLICATE_KEY');
  if (broken) return { value: undefined, problems, at };
  try {
    return { value: document.toJS() as unknown, problems, at };
  } catch {
    // An alias without its anchor, or one that repeats itself without end.
    return {
      value: undefined,
      problems: [
        ...problems,
        at([], 'An alias (*name) in this file leads nowhere.', 'Write the anchor (&name) before it, or repeat the value.'),
      ],
      at,
    };
  }
}

function wordsOf({ code, message, pos: [from] }: YAMLError, text: string): { readonly message: string; readonly remedy: string } {
  if (code !== 'DUPLICATE_KEY') return { message: `This is no valid YAML: ${message}.`, remedy: 'Correct the file at this line.' };
  const key = /^[^\s:]+/.exec(text.slice(from))?.[0] ?? '';
  return { message: `The key ${key} stands twice in the same place.`, remedy: 'Keep one of the two.' };
}

/** Where in the text a path begins; of a path that is not there, the nearest place around it. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap(here)) {
      const pair = here.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(here)) {
      node = here.items[Number(step)];
      const start = startOf(node);
      if (start === null) return offset;
      offset = start;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${String(step)}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}
