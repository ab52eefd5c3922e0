import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { MessageOutcome } from '../../../contracts/messages.ts';
import type { BenchBusiness } from './business.ts';
import { cutoverCli } from '../../dev/run-driver.ts';

/** Between two looks for the outcome of an order, ms. */
const lookEveryMs = 10;

/** One run of the product, spoken to as people speak to it. */
export class BenchRun {
  readonly id: string;
  readonly #connection: Connection;
  readonly #client: Client;

  private constructor(id: string, connection: Connection, namespace: string) {
    this.id = id;
    this.#connection = connection;
    this.#client = new Client({ connection, namespace });
  }

  /** Starts the plan of this business. */
  static async start({ environment, planFile, envFile, namespace }: BenchBusiness): Promise<BenchRun> {
    const { code, stdout, stderr } = await cutoverCli(environment, ['start', planFile, '--env', envFile, '--json']);
    if (code !== 0) throw new Error(`the run did not start: ${stderr || stdout}`);
    const connection = await Connection.connect({ address: environment['TEMPORAL_ADDRESS'] ?? '' });
    return new BenchRun((JSON.parse(stdout) as { readonly run: string }).run, connection, namespace);
  }

  /** Holds it: nothing further is begun. */
  async hold(): Promise<void> {
    await this.#send('hold', {});
  }

  /** Orders the rollback of everything. */
  async takeBack(): Promise<void> {
    await this.#send('rollback', { scope: 'run' });
  }

  /** Lifts the hold. */
  async release(): Promise<void> {
    await this.#send('resume', { holds: 'all' });
  }

  /** Sends an order and waits for its outcome; returns the ms between. */
  async timed(order: 'hold' | 'release'): Promise<number> {
    const began = performance.now();
    await this[order]();
    return performance.now() - began;
  }

  async #send(verb: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const requestId = randomUUID();
    const handle = this.#client.workflow.getHandle(this.id);
    await handle.signal(verb, JSON.stringify({ requestId, run: this.id, verb, by: 'it', role: 'it', reason: 'the bench', ...more }));
    for (let look = 0; look < 3_000; look += 1) {
      const outcome = await handle.query<MessageOutcome, [string]>('outcome', requestId);
      if (outcome.state === 'accepted') return;
      if (outcome.state === 'refused') throw new Error(`the ${verb} of the bench was refused: ${JSON.stringify(outcome)}`);
      await sleep(lookEveryMs);
    }
    throw new Error(`nobody judged the ${verb} of the bench`);
  }

  /** Says why the run can go no further; null while it can. */
  async failure(): Promise<string | null> {
    const { status } = await this.#client.workflow.getHandle(this.id).describe();
    if (status.name === 'RUNNING') return null;
    return this.#client.workflow
      .getHandle(this.id)
      .result()
      .then(String, (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)));
  }

  /** Events of the longest history in its namespace. */
  async longestHistory(): Promise<number> {
    let longest = 0;
    for await (const { workflowId, runId } of this.#client.workflow.list())
      longest = Math.max(longest, (await this.#client.workflow.getHandle(workflowId, runId).describe()).historyLength);
    return longest;
  }

  /** Ends all workflows of its namespace; what they have written stays. */
  async end(): Promise<void> {
    for await (const { workflowId, status } of this.#client.workflow.list())
      if (status.name === 'RUNNING')
        await this.#client.workflow
          .getHandle(workflowId)
          .terminate('the round is over')
          .catch(() => undefined);
    await this.#connection.close();
  }
}
