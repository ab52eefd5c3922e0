import { ApiError } from './errors.ts';

export type Literal = string | number | boolean | null;
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: string; readonly value: Literal }
  | { readonly kind: 'in'; readonly field: string; readonly negated: boolean; readonly values: readonly Literal[] };

/** A query of one object; `fields` null is `SELECT COUNT()`. */
export interface Query {
  readonly fields: readonly string[] | null;
  readonly type: string;
  readonly where: Condition | null;
  readonly orderBy: { readonly field: string; readonly descending: boolean } | null;
  readonly limit: number | null;
}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  readonly text: string;
}

const tokenPattern =
  /\s*(?:('(?:[^'\\]|\\.)*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),]))/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Reads the part of SOQL the sandbox knows; anything else is refused as a malformed query. */
export function parseSoql(soql: string): Query {
  const tokens = tokensOf(soql);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const isWord = (word: string): boolean => peek()?.kind === 'word' && peek()?.text.toUpperCase() === word;
  const take = (): Token => tokens[at++] ?? fail('unexpected end of query');
  const accept = (word: string): boolean => isWord(word) && ++at > 0;
  const sign = (text: string): void => {
    if (take().text !== text) fail(`expecting '${text}'`);
  };
  const word = (): string => (peek()?.kind === 'word' ? take().text : fail(`unexpected token: '${peek()?.text ?? ''}'`));
  const list = <Item>(item: () => Item): readonly Item[] => {
    const items = [item()];
    while (peek()?.text === ',') {
      at += 1;
      items.push(item());
    }
    return items;
  };
  const literal = (): Literal => literalOf(take());

  const unary = (): Condition => {
    if (accept('NOT')) return { kind: 'not', part: unary() };
    if (peek()?.text !== '(') return comparison();
    at += 1;
    const inner = either();
    sign(')');
    return inner;
  };
  const comparison = (): Condition => {
    const field = word();
    const negated = accept('NOT');
    if (accept('IN')) {
      sign('(');
      const values = list(literal);
      sign(')');
      return { kind: 'in', field, negated, values };
    }
    const operator = take().text.toUpperCase();
    if (negated || !['=', '!=', '<>', '<', '<=', '>', '>=', 'LIKE'].includes(operator)) fail(`unexpected token: '${operator}'`);
    return { kind: 'compare', field, operator: operator === '<>' ? '!=' : operator, value: literal() };
  };
  const chain = (kind: 'and' | 'or', part: () => Condition): Condition => {
    const parts = [part()];
    while (accept(kind.toUpperCase())) parts.push(part());
    return parts.length === 1 && parts[0] ? parts[0] : { kind, parts };
  };
  const either = (): Condition => chain('or', () => chain('and', unary));

  if (!accept('SELECT')) fail('expecting SELECT');
  const counts = isWord('COUNT') && tokens[at + 1]?.text === '(';
  if (counts) {
    at += 2;
    sign(')');
  }
  const fields = counts ? null : list(word);
  if (!accept('FROM')) fail('expecting FROM');
  const type = word();
  const where = accept('WHERE') ? either() : null;
  const order = accept('ORDER') && accept('BY') ? { field: word(), descending: accept('DESC') } : null;
  if (order !== null) accept('ASC');
  const limit = accept('LIMIT') ? Number(take().text) : null;
  if (at < tokens.length) fail(`unexpected token: '${peek()?.text ?? ''}'`);
  return { fields, type, where, orderBy: order, limit };
}

function fail(message: string): never {
  throw new ApiError(400, 'MALFORMED_QUERY', message);
}

function tokensOf(soql: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  const end = soql.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(soql);
    if (match === null) fail('unexpected character');
    const [, quotedText, instant, number, word, sign] = match;
    if (quotedText !== undefined) tokens.push({ kind: 'text', text: unescaped(quotedText.slice(1, -1)) });
    else if (instant !== undefined) tokens.push({ kind: 'text', text: instant });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter);
}

function literalOf(token: Token): Literal {
  if (token.kind === 'text') return token.text;
  if (token.kind === 'number') return Number(token.text);
  const word = token.text.toLowerCase();
  if (word === 'null') return null;
  if (word === 'true' || word === 'false') return word === 'true';
  return fail(`unexpected token: '${token.text}'`);
}
