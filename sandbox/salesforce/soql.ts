import { fail, Tokens } from './soql-tokens.ts';

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

const operators: readonly string[] = ['=', '!=', '<>', '<', '<=', '>', '>=', 'LIKE'];

/** Reads the part of SOQL the sandbox knows; anything else is refused as a malformed query. */
export function parseSoql(soql: string): Query {
  const tokens = new Tokens(soql);
  tokens.expect('SELECT');
  const fields = selectList(tokens);
  tokens.expect('FROM');
  const type = tokens.word();
  const where = tokens.accept('WHERE') ? either(tokens) : null;
  const orderBy = tokens.accept('ORDER') ? order(tokens) : null;
  const limit = tokens.accept('LIMIT') ? Number(tokens.take().text) : null;
  if (tokens.peek() !== undefined) fail(`unexpected token: '${tokens.peek()?.text ?? ''}'`);
  return { fields, type, where, orderBy, limit };
}

function selectList(tokens: Tokens): readonly string[] | null {
  const first = tokens.word();
  if (first.toUpperCase() === 'COUNT' && tokens.acceptSign('(')) {
    tokens.sign(')');
    return null;
  }
  const fields = [first];
  while (tokens.acceptSign(',')) fields.push(tokens.word());
  return fields;
}

function order(tokens: Tokens): NonNullable<Query['orderBy']> {
  tokens.expect('BY');
  const field = tokens.word();
  const descending = tokens.accept('DESC');
  if (!descending) tokens.accept('ASC');
  return { field, descending };
}

function either(tokens: Tokens): Condition {
  return chain('or', tokens, () => chain('and', tokens, () => unary(tokens)));
}

function chain(kind: 'and' | 'or', tokens: Tokens, part: () => Condition): Condition {
  const parts = [part()];
  while (tokens.accept(kind.toUpperCase())) parts.push(part());
  return parts.length === 1 && parts[0] ? parts[0] : { kind, parts };
}

function unary(tokens: Tokens): Condition {
  if (tokens.accept('NOT')) return { kind: 'not', part: unary(tokens) };
  if (!tokens.acceptSign('(')) return comparison(tokens);
  const inner = either(tokens);
  tokens.sign(')');
  return inner;
}

function comparison(tokens: Tokens): Condition {
  const field = tokens.word();
  const negated = tokens.accept('NOT');
  if (tokens.accept('IN')) {
    tokens.sign('(');
    const values = [literal(tokens)];
    while (tokens.acceptSign(',')) values.push(literal(tokens));
    tokens.sign(')');
    return { kind: 'in', field, negated, values };
  }
  const operator = tokens.take().text.toUpperCase();
  if (negated || !operators.includes(operator)) fail(`unexpected token: '${operator}'`);
  return { kind: 'compare', field, operator: operator === '<>' ? '!=' : operator, value: literal(tokens) };
}

function literal(tokens: Tokens): Literal {
  const token = tokens.take();
  if (token.kind === 'text') return token.text;
  if (token.kind === 'number') return Number(token.text);
  const word = token.text.toLowerCase();
  if (word === 'null') return null;
  if (word === 'true' || word === 'false') return word === 'true';
  return fail(`unexpected token: '${token.text}'`);
}
