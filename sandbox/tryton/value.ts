/** A stored or transmitted value; decimals, days and instants keep Tryton's own tagged form (`{"__class__": "Decimal", ...}`). */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Values = Record<string, Value>;

/** A scalar as text; anything else is empty. */
export function plain(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function isTagged(value: Value | undefined, kind: 'Decimal' | 'date' | 'datetime'): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value['__class__'] === kind;
}

export function decimal(text: string): Values {
  return { __class__: 'Decimal', decimal: text };
}

/** The text of a tagged decimal, or of a plain number. */
export function decimalOf(value: Value | undefined): string {
  if (isTagged(value, 'Decimal')) return plain(value['decimal']);
  return typeof value === 'number' ? String(value) : '0';
}

/** A UTC instant in microseconds, tagged. */
export function instant(microseconds: number): Values {
  const at = new Date(Math.floor(microseconds / 1000));
  return {
    ...{ __class__: 'datetime', year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() },
    ...{ hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds() },
    microsecond: microseconds % 1_000_000,
  };
}

/** Today in UTC, tagged. */
export function today(): Values {
  const now = new Date();
  return { __class__: 'date', year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
}

/** A value as something `<` orders the way Tryton does. */
export function sortable(value: Value | undefined): string | number | null {
  if (isTagged(value, 'Decimal')) return Number(decimalOf(value));
  if (isTagged(value, 'date') || isTagged(value, 'datetime')) {
    const parts = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((name) => plain(value[name] ?? 0).padStart(4, '0'));
    return `${parts.join('-')}.${plain(value['microsecond'] ?? 0).padStart(6, '0')}`;
  }
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
