import { listedNames } from '../../domain/listed.ts';
import { shown } from '../../records/bare.ts';

/** Names in a sentence: the first 20, each with what nobody sees of it written out, and how many more there are. */
export function list(names: readonly string[]): string {
  return listedNames(names, shown);
}
