import { Client } from 'pg';

export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs statements one after the other over a connection of their own, and returns the rows of each. */
export async function askDatabase(url: string, statements: readonly string[]): Promise<readonly (readonly SqlRow[])[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const answers: (readonly SqlRow[])[] = [];
    for (const statement of statements) answers.push((await client.query<SqlRow>(statement)).rows);
    return answers;
  } finally {
    await client.end();
  }
}

/** The same address for another user. */
export function asUser(url: string, user: string, password: string): string {
  const other = new URL(url);
  other.username = user;
  other.password = encodeURIComponent(password);
  return other.href;
}
