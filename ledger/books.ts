import { sql } from 'kysely';
import type { Database } from './database.ts';

export type Book = 'legacy' | 'closed' | 'target';

/** The book of record that accounts get. */
export interface Books {
  readonly scope: string;
  readonly accounts: readonly string[];
  readonly book: Book;
}

/** The present book of an account, and the wave that set it. */
export interface BookRow {
  readonly account: string;
  readonly book: Book;
  readonly run: string;
  readonly wave: string;
  readonly since: Date;
}

/** Accounts with their present book, of these or (null) of all; accounts never spoken of stand in legacy and are absent. */
export async function readBooks(db: Database, scope: string, accounts: readonly string[] | null): Promise<readonly BookRow[]> {
  if (accounts?.length === 0) return [];
  const some = accounts === null ? sql`true` : sql`account = any(${[...accounts]})`;
  const { rows } =
    await sql<BookRow>`select account, book, run, wave, since from book where scope = ${scope} and until is null and ${some} order by account`.execute(
      db,
    );
  return rows;
}

/** Sets the book of accounts within a deciding transaction of their wave. One row ends, the next begins: never two at once. */
export async function setBook(tx: Database, run: string, wave: string, { scope, accounts, book }: Books): Promise<void> {
  await sql`update book set until = clock_timestamp() where scope = ${scope} and account = any(${accounts}) and until is null and (book <> ${book} or run <> ${run})`.execute(
    tx,
  );
  await sql`insert into book (scope, account, run, wave, book) select ${scope}, a, ${run}, ${wave}, ${book} from unnest(${accounts}::text[]) a
    where not exists (select 1 from book b where b.scope = ${scope} and b.account = a and b.until is null)`.execute(tx);
}

/** Closes what a wave has opened in the target, within the raise that takes it back: nobody's book until legacy is open again. */
export async function closeTargetBooks(tx: Database, run: string, wave: string): Promise<void> {
  const { rows } = await sql<{
    scope: string;
    account: string;
  }>`select scope, account from book where run = ${run} and wave = ${wave} and book = 'target' and until is null order by account`.execute(
    tx,
  );
  const [first] = rows;
  if (first !== undefined)
    await setBook(tx, run, wave, { scope: first.scope, accounts: rows.map(({ account }) => account), book: 'closed' });
}
