import { ApiError } from './errors.ts';

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  readonly text: string;
}

const tokenPattern =
  /\s*(?:('(?:[^'\\]|\\.)*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),]))/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The tokens of a query, taken one by one; what does not fit is refused as a malformed query. */
export class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(soql: string) {
    this.#tokens = tokensOf(soql);
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  take(): Token {
    return this.#tokens[this.#at++] ?? fail('unexpected end of query');
  }

  /** Takes this keyword if it comes next. */
  accept(keyword: string): boolean {
    const next = this.peek();
    if (next?.kind !== 'word' || next.text.toUpperCase() !== keyword) return false;
    this.#at += 1;
    return true;
  }

  acceptSign(sign: string): boolean {
    if (this.peek()?.kind !== 'sign' || this.peek()?.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  expect(keyword: string): void {
    if (!this.accept(keyword)) fail(`expecting ${keyword}`);
  }

  sign(sign: string): void {
    if (!this.acceptSign(sign)) fail(`expecting '${sign}'`);
  }

  word(): string {
    const next = this.peek();
    return next?.kind === 'word' ? this.take().text : fail(`unexpected token: '${next?.text ?? ''}'`);
  }
}

export function fail(message: string): never {
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
