import type { Client, Connection, Submittable } from 'pg';

/** The parts of a connection that `pg` calls for a COPY and does not declare. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends rows as a client of COPY FROM STDIN does. Rejects with the server's error. */
export function copyIn(client: Client, statement: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = {
      submit: (connection: Connection) => {
        connection.query(statement);
      },
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(Buffer.from(rows));
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleError: reject,
      handleReadyForQuery: resolve,
    };
    client.query(copy as Submittable);
  });
}
