import type { SandboxClock } from '../clock.ts';
import { UnknownName } from './errors.ts';
import type { ModelDefinition } from './schema.ts';
import { schema } from './schema.ts';
import type { Value, Values } from './value.ts';

/** A stored record; `created` and `written` are UTC microseconds, which is how exact Tryton's stamps are. */
export interface Row {
  readonly id: number;
  readonly values: Values;
  readonly createdBy: number;
  readonly created: number;
  readonly writtenBy: number | null;
  readonly written: number | null;
}

/** All tables, with transactions: a call is applied whole or not at all. Ids of rolled back records are not used again. */
export interface Store {
  row(model: string, id: number): Row | undefined;
  rows(model: string): Iterable<Row>;
  /** Records of `model` whose `field` holds the value. */
  pointing(model: string, field: string, value: Value): readonly Row[];
  /** The next number of a sequence; numbers of calls that were rolled back stay used. */
  next(sequence: string): number;
  insert(model: string, values: Values, user: number): Row;
  update(model: string, id: number, changes: Values, user: number): void;
  remove(model: string, id: number): void;
  transaction<Result>(work: () => Result): Result;
  /** Inactive records are not hidden: the call says so with `active_test` in its context. */
  readonly showsInactive: boolean;
  /** Sizes that a module of the company's own gives to texts, by `model.field`. */
  readonly sizes: Map<string, number>;
}

interface Table {
  readonly rows: Map<number, Row>;
  nextId: number;
  /** Rows by field, value and id; an index is built when it is first asked for. */
  readonly indexes: Map<string, Index>;
}

type Index = Map<Value, Map<number, Row>>;

export function definitionOf(model: string): ModelDefinition {
  const definition = schema[model];
  if (definition) return definition;
  throw new UnknownName(model);
}

export function createStore(clock: SandboxClock): Store {
  const tables = new Map<string, Table>(Object.keys(schema).map((model) => [model, { rows: new Map(), nextId: 1, indexes: new Map() }]));
  let undo: (() => void)[] | null = null;
  let lastMicrosecond = 0;
  const sequences = new Map<string, number>();

  const table = (model: string): Table => {
    const found = tables.get(model);
    if (found) return found;
    throw new UnknownName(model);
  };
  // Never the same twice, as in a database whose clock counts microseconds; a clock that was set back goes on from there.
  const now = (): number => {
    const microsecond = clock.now() * 1000;
    const ahead = lastMicrosecond - microsecond;
    return (lastMicrosecond = ahead >= 0 && ahead < 1_000_000 ? lastMicrosecond + 1 : microsecond);
  };
  const put = (model: string, id: number, row: Row | undefined): void => {
    const target = table(model);
    const before = target.rows.get(id);
    undo?.push(() => {
      set(target, id, before);
    });
    set(target, id, row);
  };

  return {
    showsInactive: false,
    sizes: new Map(),
    row: (model, id) => table(model).rows.get(id),
    rows: (model) => table(model).rows.values(),
    pointing: (model, field, value) => {
      const { indexes, rows } = table(model);
      const index = indexes.get(field) ?? buildIndex(rows.values(), field);
      indexes.set(field, index);
      return [...(index.get(value)?.values() ?? [])];
    },
    next: (sequence) => {
      const number = (sequences.get(sequence) ?? 0) + 1;
      sequences.set(sequence, number);
      return number;
    },
    insert: (model, values, user) => {
      const id = table(model).nextId++;
      const row: Row = { id, values, createdBy: user, created: now(), writtenBy: null, written: null };
      put(model, id, row);
      return row;
    },
    update: (model, id, changes, user) => {
      const before = table(model).rows.get(id);
      if (before) put(model, id, { ...before, values: { ...before.values, ...changes }, writtenBy: user, written: now() });
    },
    remove: (model, id) => {
      put(model, id, undefined);
    },
    transaction: (work) => {
      undo = [];
      try {
        return work();
      } catch (error) {
        for (const step of undo.reverse()) step();
        throw error;
      } finally {
        undo = null;
      }
    },
  };
}

function set(table: Table, id: number, row: Row | undefined): void {
  const before = table.rows.get(id);
  for (const [field, index] of table.indexes) {
    if (before) index.get(before.values[field] ?? null)?.delete(id);
    if (row) enter(index, field, row);
  }
  if (row === undefined) table.rows.delete(id);
  else table.rows.set(id, row);
}

function buildIndex(rows: Iterable<Row>, field: string): Index {
  const index: Index = new Map();
  for (const row of rows) enter(index, field, row);
  return index;
}

function enter(index: Index, field: string, row: Row): void {
  const value = row.values[field] ?? null;
  const bucket = index.get(value) ?? new Map<number, Row>();
  index.set(value, bucket.set(row.id, row));
}

/** The stamp Tryton gives as `_timestamp`: seconds and microseconds of the last change. */
export function stampOf(row: Row): string {
  const microseconds = row.written ?? row.created;
  return `${String(Math.floor(microseconds / 1_000_000))}.${String(microseconds % 1_000_000).padStart(6, '0')}`;
}
