import type { RowOutcome, Session, WriteRow } from '../../contracts/adapter.ts';
import { OwnRefusal } from './answers.ts';
import type { Writer } from './caller.ts';
import { createWriter } from './caller.ts';
import type { Lookups } from './lookups.ts';
import type { TrytonObject } from './object.ts';
import type { Rpc } from './rpc.ts';
import { handleOf } from './rpc.ts';
import { badRow } from './row-fields.ts';
import { settle } from './settle.ts';
import type { JsonObject } from './values.ts';

interface WriteSessionInput {
  readonly rpc: Rpc;
  readonly lookups: Lookups;
  readonly context: JsonObject;
  readonly named: (object: string) => TrytonObject;
  readonly batchSize: number;
}

/** Logs in for one lane claim. Every call of its writes is made in this session, so that ending it refuses them all. */
export async function openWriteSession({ rpc, lookups, context, named, batchSize }: WriteSessionInput): Promise<Session> {
  const { login } = await rpc.login();
  return {
    handle: handleOf(login),
    write: async (name, rows, call) => {
      const object = named(name);
      const writer = createWriter(rpc, login, context, call);
      const refusal = refusalOf(object, name, rows, batchSize);
      return settle(rpc.system, rows, writer, () => (refusal ? Promise.reject(refusal) : operate(object, rows, writer, lookups)));
    },
    close: () => rpc.logout(login),
  };
}

function refusalOf(object: TrytonObject, name: string, rows: readonly WriteRow[], batchSize: number): OwnRefusal | null {
  const operations = new Set(rows.map((row) => row.operation));
  const most = Math.min(...[...operations].map((operation) => object.capability.paces[operation]?.batchSize ?? batchSize));
  if (rows.length > most || operations.size > 1)
    return badRow('these rows do not go into one write', `send at most ${String(most)} of one operation`);
  const missing = [...operations].find((operation) => object.operations[operation] === undefined);
  if (missing === undefined) return null;
  const offered = Object.keys(object.operations).join(', ');
  const remedy = offered === '' ? 'match them only' : `what it takes is ${offered}`;
  return new OwnRefusal('unsupported', `Tryton objects of kind "${name}" cannot be written by ${missing}; ${remedy}`, missing);
}

async function operate(object: TrytonObject, rows: readonly WriteRow[], writer: Writer, lookups: Lookups): Promise<readonly RowOutcome[]> {
  const [first] = rows;
  const operation = first === undefined ? undefined : object.operations[first.operation];
  return operation === undefined ? [] : operation(writer, lookups, rows);
}
