/** A piece of HTML that is safe to put into a page: made by `html`, which escapes every value that is not one. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | readonly Part[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text as it may stand in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function markupOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}

/** Builds HTML from a template; texts are escaped, lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: strings.map((text, index) => text + markupOf(parts[index] ?? null)).join('') };
}

/** A cell of a table: numbers stand to the right, and a class marks what needs an eye. */
export type Cell = Html | string | number | null;

/** A key, an amount or a name is one word; longer ones are hashes and may break anywhere. */
const longestWord = 48;

/** One cell. What is one word is never broken inside: half an amount reads as another amount. */
function cellHtml(value: Cell): Html {
  if (typeof value === 'number') return html`<td class="number">${value}</td>`;
  if (typeof value !== 'string') return html`<td>${value ?? '-'}</td>`;
  if (/\s/.test(value)) return html`<td>${value}</td>`;
  return value.length > longestWord ? html`<td class="long">${value}</td>` : html`<td class="word">${value}</td>`;
}

/** A table with its headings; a sentence where it has no rows. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[], whenEmpty: string): Html {
  if (rows.length === 0) return html`<p class="none">${whenEmpty}</p>`;
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th>${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cellHtml)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A list of sentences; nothing where there are none. */
export function list(items: readonly string[]): Html | null {
  return items.length === 0
    ? null
    : html`<ul>
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
}

/** A word in a colored box: `good`, `bad`, `open` or plain. */
export function badge(text: string, tone: 'good' | 'bad' | 'open' | 'plain'): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}
