import { Client, Connection } from '@temporalio/client';
import type { RunStatus, WaitingGate } from '../../../contracts/messages.ts';
import type { Business } from '../business.ts';
import { addFault, clearFaults, trytonRefusal } from '../faults.ts';
import { differences, erpTables } from '../oracle.ts';
import type { Tables } from '../tables.ts';
import type { Deciders } from './deciders.ts';
import { say } from './talk.ts';

export interface Watched {
  readonly run: string;
  readonly business: Business;
  readonly plan: { readonly waves: readonly { readonly name: string; readonly accounts: readonly string[] }[] };
  readonly deciders: Deciders;
  /** Ends the watching when the demo is interrupted. */
  readonly signal: AbortSignal;
}

/** Often enough that no step is missed that people wait for; each look costs the worker a task (ms). */
const lookEveryMs = 200;

/** Follows a run to its end: tells what it does, decides at its gates, and lets the last wave go wrong once. Returns the line it ended with. */
export async function watchRun(watched: Watched): Promise<string> {
  const { environment, namespace } = watched.business;
  const connection = await Connection.connect({ address: environment['TEMPORAL_ADDRESS'] ?? '' });
  const end = await Promise.race([follow(watched, new Client({ connection, namespace })), interruptOf(watched.signal)]);
  // Not closed after an interrupt: the client would throw where nobody can catch it, when it asks once more over a closed connection.
  await connection.close();
  return end;
}

async function follow(watched: Watched, client: Client): Promise<string> {
  const handle = client.workflow.getHandle(watched.run);
  const story = new Story(watched);
  while (!watched.signal.aborted) {
    const status = await handle.query<RunStatus>('status');
    await story.hear(status);
    if (status.end !== null) break;
    const { status: state } = await handle.describe();
    if (state.name !== 'RUNNING') break;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return (await handle.result()) as string;
}

/** Rejects when the demo is interrupted: a question to a run whose worker is gone would take ten seconds to fail. */
function interruptOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('the demo was interrupted'));
    });
  });
}

/** What has been told so far, and the picture of the ERP before the wave that goes wrong. */
class Story {
  readonly #watched: Watched;
  #told = '';
  #decided = '';
  #heldFor: string | null = null;
  #before: Tables | null = null;
  #armed = false;
  #liftedFault = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  async hear(status: RunStatus): Promise<void> {
    const line = whereOf(status);
    if (line !== this.#told) say(line);
    this.#told = line;
    await this.#breakLastWave(status);
    await this.#answerHold(status.held);
    const { waiting } = status;
    if (
      waiting === null ||
      waiting.missing.length === 0 ||
      this.#isGoingWrong(waiting) ||
      this.#decided === `${waiting.gate} ${String(waiting.attempt)}`
    )
      return;
    if (waiting.gate === `retry-${this.#lastWave}`) await this.#proveTheWayBack();
    if (await this.#watched.deciders.decide(waiting)) this.#decided = `${waiting.gate} ${String(waiting.attempt)}`;
  }

  /** Each hold is answered once: its answer takes a moment to show. */
  async #answerHold(held: string | null): Promise<void> {
    if (held !== null && held !== this.#heldFor) await this.#watched.deciders.answerHold(held);
    this.#heldFor = held;
  }

  get #lastWave(): string {
    return this.#watched.plan.waves.at(-1)?.name ?? '';
  }

  /** At the gate of the wave that goes wrong nobody is asked: no go could open it, and the guard answers within seconds. */
  #isGoingWrong({ gate, shut }: WaitingGate): boolean {
    return shut.length > 0 && !this.#liftedFault && gate === `switch-${this.#lastWave}`;
  }

  /** Once the wave before has been voted on, the ERP refuses some records of the last one; the picture is taken when that wave begins. */
  async #breakLastWave({ wave, step, waiting }: RunStatus): Promise<void> {
    const { plan, business } = this.#watched;
    const last = plan.waves.at(-1);
    const previous = plan.waves.at(-2)?.name ?? '';
    if (last === undefined) return;
    if (!this.#armed && waiting?.gate === `switch-${previous}`) {
      this.#armed = true;
      for (const account of last.accounts.slice(0, 8))
        await addFault(business.faults.erp, {
          match: { bodyIncludes: `"code":"${account}"` },
          action: 'reject',
          status: 200,
          body: trytonRefusal,
        });
      say('(from now on the ERP will refuse eight customers of the last wave)');
    }
    if (this.#before === null && wave === last.name && step !== 'expansion') this.#before = await erpTables(business);
  }

  /** Shows, from the ERP's own tables, that the wave left nothing behind; then lifts the fault. */
  async #proveTheWayBack(): Promise<void> {
    const { business } = this.#watched;
    await clearFaults(business.faults.erp);
    this.#liftedFault = true;
    if (this.#before === null) return;
    const found = differences(this.#before, await erpTables(business));
    if (found.length > 0) throw new Error(`the ERP is not as it was before the wave: ${found.join('; ')}`);
    const counts = Object.entries(this.#before)
      .map(([name, rows]) => `${String(rows.length)} ${name}`)
      .join(', ');
    say(`Rolled back. The ERP's own tables are as they were before the wave: ${counts}. The ERP refuses nothing any more.`);
  }
}

/** Where the run is, in one line. */
function whereOf({ phase, wave, step, rollback, held }: RunStatus): string {
  const place = wave === null ? phase : `${phase}, wave ${wave}`;
  return [
    `${place}: ${step}`,
    ...(rollback === null ? [] : [`rolling back ${rollback}`]),
    ...(held === null ? [] : [`held: ${held}`]),
  ].join('; ');
}
