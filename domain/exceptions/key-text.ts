import type { ExceptionKind } from './kind.ts';

/** A record's key as sentences write it: in quotation marks where it would run together with the words around it. */
export function keyText(key: string): string {
  return /^[^\s,;:()"]+$/.test(key) ? key : JSON.stringify(key);
}

/** A record as sentences name it: by its object and key. */
export function recordText({ object, sourceId }: { readonly object: string; readonly sourceId: string }): string {
  return `${object} ${keyText(sourceId)}`;
}

/** An exception as a gate's facts name it: by its record and kind. */
export function exceptionText(exception: { readonly object: string; readonly sourceId: string; readonly kind: ExceptionKind }): string {
  return `${recordText(exception)}: ${exception.kind}`;
}
