import { shown } from '../../records/bare.ts';

/** How many names a sentence holds before it only counts: what preflight says must fit into a workflow's history whatever the size of the source. */
const named = 20;

/** Names in a sentence: the first 20, each with what nobody sees of it written out, and how many more there are. */
export function list(names: readonly string[]): string {
  return names.length <= named
    ? names.map(shown).join(', ')
    : `${names.slice(0, named).map(shown).join(', ')} and ${String(names.length - named)} more`;
}
