import { DatabaseError } from 'pg';

/** What of SQL holds other text (comments, names, strings), and beside it the lines of a dump that are not for the server. */
const parts = new RegExp(
  [
    String.raw`--.*`,
    String.raw`\/\*[^]*?\*\/`,
    String.raw`"[^"]*"`,
    String.raw`[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'`,
    String.raw`'[^']*'`,
    String.raw`\$(?<tag>[A-Za-z_]\w*)?\$[^]*?\$\k<tag>\$`,
    String.raw`(?<apart>^(?:\\.*|CREATE SCHEMA public;|COPY .* FROM stdin;)$)`,
    String.raw`[\p{L}_][\p{L}\w$]*`,
  ].join('|'),
  'gmu',
);

/**
 * The statements of a dump as a server takes them, each at its place: without the `\restrict` lines of `pg_dump`, which are for `psql`, and without
 * `CREATE SCHEMA public`, which every database has. Such a line within a string stays. Throws where rows stand as COPY or where `psql` is told more.
 */
export function serverStatements(dump: string, file: string): string {
  return dump.replaceAll(parts, (found: string, ...rest: readonly unknown[]) => {
    const { apart } = rest.at(-1) as { readonly apart?: string };
    if (apart === undefined) return found;
    const place = `${file}, line ${String(lineAt(dump, Number(rest.at(-3))))}`;
    if (apart.startsWith('COPY'))
      throw new Error(`${place}: the rows follow as COPY, which only psql reads; make the dump with pg_dump --inserts`);
    if (apart.startsWith('\\') && !/^\\(?:un)?restrict\b/.test(apart))
      throw new Error(`${place}: ${apart.split(/\s/)[0] ?? ''} is a command of psql, which is not used here; take the line out`);
    return ' '.repeat(found.length);
  });
}

/** What PostgreSQL refused in these statements of a file, with the line where it says which. */
export function refusedStatement(error: unknown, statements: string, file: string): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const place =
    error.position === undefined ? file : `${file}, line ${String(lineAt(statements, unitsOf(statements, Number(error.position) - 1)))}`;
  return new Error(`${place}: ${error.message}; mend it there and start again`, { cause: error });
}

/** PostgreSQL counts characters, and a string of JavaScript counts some of them twice. */
function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (let left = characters; left > 0 && units < text.length; left -= 1) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
