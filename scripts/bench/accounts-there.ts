import type { Arena } from './contestants/contestant.ts';
import { judge, type OracleWords } from './oracle.ts';

/** Judges a round that loads accounts. */
export function judgeAccounts({ target, sizes }: Pick<Arena, 'target' | 'sizes'>): Promise<OracleWords> {
  return judge(target.records('Account'), sizes.records);
}
