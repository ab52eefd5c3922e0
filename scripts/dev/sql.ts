import { Client } from 'pg';

export type SqlRow = Readonly<Record<string, unknown>>;

/** A connection of its own for `use`, closed when that is over. A server that goes away fails `use` and never the process. */
export async function withConnection<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Runs statements one after the other over a connection of their own, and returns the rows of each. */
export function askDatabase(url: string, statements: readonly string[]): Promise<readonly (readonly SqlRow[])[]> {
  return withConnection(url, async (client) => {
    const answers: (readonly SqlRow[])[] = [];
    for (const statement of statements) answers.push((await client.query<SqlRow>(statement)).rows);
    return answers;
  });
}

/** The same address for another user. */
export function asUser(url: string, user: string, password: string): string {
  const other = new URL(url);
  other.username = user;
  other.password = encodeURIComponent(password);
  return other.href;
}
