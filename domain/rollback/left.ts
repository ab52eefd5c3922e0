import { keyText } from '../exceptions/key-text.ts';

/** Records of one object that a rollback left in the target for one reason. */
export interface Left {
  readonly object: string;
  readonly reason: string;
  readonly records: number;
  /** The first of their keys. */
  readonly keys: readonly string[];
}

/** What was left and why, as a sentence for people. */
export function leftSentence({ object, reason, records, keys }: Left): string {
  return `${object}, ${String(records)} ${records === 1 ? 'record' : 'records'}${records > keys.length ? ', among them' : ':'} ${keys.map(keyText).join(', ')}. ${reason}`;
}
