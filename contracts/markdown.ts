/** A command of the command line about a run, with its gate and its options, as sentences name it. */
const command = /\bcutover [a-z]+ cutover\/[\w-]+\/\d+(?: (?:baseline|close|(?:switch|retry)-[\w-]+))?(?: --[a-z]+(?: [\w.-]+)?)*/g;

/** What Markdown would take for its own: escapes, code, emphasis, strokes, links, tags and entities. A line within a word is none. */
const marks = /[\\`*[<~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)/g;

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(marks, String.raw`\$&`);
}

/**
 * A sentence of the program, or of a person, as one line of Markdown that shows it as it is: Temporal UI renders details, and would eat `<wave>`. The
 * commands in it stand in code spans, ready to be copied.
 */
export function markdownText(text: string): string {
  const between = text.split(command);
  return between.map((part, index) => (index === 0 ? '' : `\`${text.match(command)?.[index - 1] ?? ''}\``) + escaped(part)).join('');
}

/** The same of a line that is an entry of a list: its number or dash stays. */
export function markdownLine(line: string): string {
  const mark = /^\s*(?:\d+\.|-) /.exec(line)?.[0] ?? '';
  return mark + markdownText(line.slice(mark.length));
}
