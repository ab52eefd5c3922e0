import { recordText } from './key-text.ts';
import type { ExceptionKind } from './kind.ts';

/** Why a record keeps its account in legacy, for people: none was found that it can be matched with, or more than one may be it. */
export function blockingReason({
  object,
  sourceId,
  kind,
}: {
  readonly object: string;
  readonly sourceId: string;
  readonly kind: string;
}): string {
  const none: ExceptionKind = 'noMatch';
  return `${recordText({ object, sourceId })} ${kind === none ? 'has no record to be matched with' : 'is ambiguous'}`;
}
