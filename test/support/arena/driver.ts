import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { MessageOutcome, RunStatus, WaitingGate } from '../../../contracts/messages.ts';
import type { WaveState } from '../../../domain/waves/state.ts';
import { openLedger, type Ledger } from '../../../ledger/ledger.ts';
import { addFault } from '../../../scripts/dev/faults.ts';
import { startBusiness, type Business, type BusinessOptions } from '../../../scripts/dev/business.ts';
import { recordHistories } from '../../../scripts/dev/record-histories.ts';
import { cutoverCli } from '../../../scripts/dev/run-driver.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import type { WorkerProcess } from '../../../scripts/dev/worker-process.ts';
import { dropDatabases, patient } from '../own-ledger.ts';
import { smallAccounts, writeSmallPlan, type SmallPlanChanges } from '../small-plan.ts';
import { Workers } from './workers.ts';

/** Who holds which role in the env file. */
export const holders: Readonly<Record<string, string>> = {
  salesOps: 'sales-ops',
  revOps: 'rev-ops',
  finance: 'finance',
  it: 'it',
  marketingOps: 'marketing-ops',
  customerSuccess: 'customer-success',
};

export interface DriverOptions extends SmallPlanChanges, Partial<BusinessOptions> {
  /** Environment of the worker beside the usual, for example a point at which it dies. */
  readonly worker?: Readonly<Record<string, string>>;
}

type Gate = Readonly<Record<string, 'go' | 'noGo'>>;

/** How long a scenario waits for what must come (ms): far longer than it takes on a machine that has other work. */
const patienceMs = 240_000;

/** One business, its workers, one run at a time: what a scenario is told with. */
export class Driver {
  readonly business: Business;
  readonly ledger: Ledger;
  readonly files: { readonly planFile: string; readonly envFile: string };
  readonly #connection: Connection;
  readonly #workers: Workers;
  readonly #gates: readonly string[];
  readonly #drop: () => Promise<void>;
  /** The newest worker. */
  worker: WorkerProcess;
  run = '';

  private constructor(
    business: Business,
    files: Driver['files'],
    connection: Connection,
    workers: Workers,
    worker: WorkerProcess,
    gates: readonly string[],
    drop: () => Promise<void>,
  ) {
    this.#gates = gates;
    this.#drop = drop;
    this.business = business;
    this.files = files;
    this.ledger = openLedger(patient(business.ledgerUrl));
    this.#connection = connection;
    this.#workers = workers;
    this.worker = worker;
  }

  static async open(stack: Stack, name: string, options: DriverOptions = {}): Promise<Driver> {
    // Another test file on the same stack may have given a business the same name.
    const unique = `${name}_${randomUUID().slice(0, 8)}`;
    const folder = join(stack.folder, unique, name);
    await mkdir(folder, { recursive: true });
    const files = await writeSmallPlan(folder, options);
    const business = await startBusiness(stack, { customers: smallAccounts, dirt: 'none', ...options, name: unique, namespace: unique });
    const workers = new Workers(business.environment);
    try {
      const connection = await Connection.connect({ address: stack.temporal.address, connectTimeout: '60s' });
      const worker = await workers.start(options.worker);
      const gates = ['baseline', 'switch-pilot', 'switch-east', ...(options.waves === 2 ? [] : ['switch-west']), 'close'];
      const drop = (): Promise<void> => dropDatabases(stack.postgres, [`ledger_${unique}`, `legacy_${unique}`]);
      return new Driver(business, files, connection, workers, worker, gates, drop);
    } catch (error) {
      await business.stop();
      throw error;
    }
  }

  get client(): Client {
    return new Client({ connection: this.#connection, namespace: this.business.namespace });
  }

  get handle(): WorkflowHandle {
    return this.client.workflow.getHandle(this.run);
  }

  /** Starts the plan through the command line and remembers the run. */
  async start(...flags: readonly string[]): Promise<string> {
    const started = await this.cli('start', this.files.planFile, '--env', this.files.envFile, '--json', ...flags);
    if (started.code !== 0) throw new Error(started.stderr || started.stdout);
    this.run = (JSON.parse(started.stdout) as { readonly run: string }).run;
    return this.run;
  }

  cli(...args: readonly string[]): ReturnType<typeof cutoverCli> {
    return cutoverCli(this.business.environment, args);
  }

  /** Asks Temporal, and gives the call itself up after so long (ms): one that nobody waits for any more must not outlive the connection. */
  within<T>(ms: number, ask: () => Promise<T>): Promise<T> {
    return this.#connection.withDeadline(Date.now() + ms, ask);
  }

  status(): Promise<RunStatus> {
    return this.handle.query<RunStatus>('status');
  }

  /** Waits until the status is as wanted; fails with the last status where it never is. */
  async until(what: string, wanted: (status: RunStatus) => boolean, withinMs = patienceMs, lookEveryMs = 1_000): Promise<RunStatus> {
    const end = Date.now() + withinMs;
    let last: RunStatus | null = null;
    while (Date.now() < end) {
      // A worker that sleeps answers nothing; the next question goes to another.
      last = await this.within(5_000, () => this.status()).catch(() => last);
      if (last !== null && wanted(last)) return last;
      // Each look costs the worker a task; there is nothing to be gained by more.
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    throw new Error(`never came to be: ${what}; the last status was ${JSON.stringify(last)}`);
  }

  /** Slows the target down until the wave is seen in this step, which may else be over between two looks. It stays slow; the caller clears the faults. */
  async comesSlowlyTo(wave: string, step: string): Promise<void> {
    await addFault(this.business.faults.erp, { match: {}, action: 'slow', delayMs: 600 });
    await this.until(`${wave}: ${step}`, (status) => status.wave === wave && status.step === step, patienceMs, 100);
  }

  /** Waits until a wave of the run stands in one of these states in the ledger: in the first of them, or in one that soon follows it. */
  async untilWave(wave: string, ...states: readonly WaveState[]): Promise<void> {
    const end = Date.now() + patienceMs;
    while (!states.includes((await this.ledger.waves.get(this.run, wave)).state)) {
      if (Date.now() > end) throw new Error(`wave ${wave} never came to be ${states.join(' or ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until this gate waits with nobody having decided yet. It waits for people, so nobody has to look often. */
  async atGate(gate: string, withinMs?: number): Promise<WaitingGate> {
    const { waiting } = await this.until(`gate ${gate} waits`, (status) => status.waiting?.gate === gate, withinMs);
    if (waiting === null) throw new Error('the gate closed again');
    return waiting;
  }

  /** Sends go for every role of a gate, all at once, once it waits. Where one says no-go, the roles before it are heard first, and those after it not at all. */
  async pass(gate: string, votes: Gate = {}): Promise<void> {
    const waiting = await this.atGate(gate);
    const against = waiting.roles.find((role) => votes[role] === 'noGo');
    const vote = async (verb: 'go' | 'noGo', role: string): Promise<void> => {
      const outcome = await this.decide(waiting, verb, role);
      if (outcome.state !== 'accepted') throw new Error(`the decision for ${role} at ${gate} was ${JSON.stringify(outcome)}`);
    };
    const before = against === undefined ? waiting.roles : waiting.roles.slice(0, waiting.roles.indexOf(against));
    await Promise.all(before.map((role) => vote('go', role)));
    if (against !== undefined) await vote('noGo', against);
  }

  decide(
    waiting: WaitingGate,
    verb: 'go' | 'noGo',
    role: string,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<MessageOutcome> {
    return this.send('decide', {
      verb,
      gate: waiting.gate,
      attempt: waiting.attempt,
      factsHash: waiting.factsHash,
      by: holders[role],
      role,
      ...changes,
    });
  }

  hold(): Promise<MessageOutcome> {
    return this.send('hold', { verb: 'hold', by: 'it', role: 'it' });
  }

  resume(): Promise<MessageOutcome> {
    return this.send('resume', { verb: 'resume', holds: 'all', by: 'it', role: 'it' });
  }

  rollback(scope: string): Promise<MessageOutcome> {
    return this.send('rollback', { verb: 'rollback', scope, by: 'it', role: 'it' });
  }

  /** Sends one signal with a decision message and waits for its outcome. */
  async send(signal: string, message: Readonly<Record<string, unknown>>): Promise<MessageOutcome> {
    const body = { requestId: randomUUID(), run: this.run, reason: 'scenario', ...message };
    await this.handle.signal(signal, JSON.stringify(body));
    return this.outcome(body.requestId);
  }

  async outcome(requestId: string): Promise<MessageOutcome> {
    // Each look costs the worker a task, and no verdict comes sooner.
    await new Promise((resolve) => setTimeout(resolve, 150));
    for (const end = Date.now() + patienceMs; Date.now() < end;) {
      const ask = (): Promise<MessageOutcome> => this.handle.query<MessageOutcome, [string]>('outcome', requestId);
      const outcome = await this.within(5_000, ask).catch(() => null);
      if (outcome?.state === 'accepted' || outcome?.state === 'refused') return outcome;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { state: 'unknown' };
  }

  /** Passes these gates, by default all of a run without an incident, and waits for its close. */
  async finish(gates: readonly string[] = this.#gates): Promise<void> {
    for (const gate of gates) await this.pass(gate);
    const end = String(await this.handle.result());
    if (!end.startsWith('closed')) throw new Error(`the run ended otherwise: ${end}`);
  }

  /** Takes the whole run back and waits for its end; returns its last line. */
  async takeBackRun(): Promise<string> {
    const outcome = await this.rollback('run');
    if (outcome.state !== 'accepted') throw new Error(`the rollback was ${JSON.stringify(outcome)}`);
    return String(await this.handle.result());
  }

  /** Another worker for the same business. */
  async startWorker(environment: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    this.worker = await this.#workers.start(environment);
    return this.worker;
  }

  /** Puts another worker in the place of the present one as soon as that has died. */
  succeedWorker(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#workers.afterEnd(this.worker, environment, (next) => {
      this.worker = next;
    });
  }

  /** Keeps the histories of this run for the replay tests, when they are recorded anew (`npm run histories`). */
  async keepHistories(outcome: string): Promise<void> {
    if (process.env['CUTOVER_RECORD_HISTORIES'] === undefined) return;
    await recordHistories(this.client, this.run, outcome);
  }

  /** Children outlive a terminated run, and no worker will ever come for them. */
  async #endWorkflows(): Promise<void> {
    if (this.run === '') return;
    await this.handle.terminate('the scenario is over').catch(() => undefined);
    for await (const { workflowId, status } of this.client.workflow.list()) {
      if (status.name === 'RUNNING')
        await this.client.workflow
          .getHandle(workflowId)
          .terminate('the scenario is over')
          .catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#endWorkflows();
    await this.#workers.stop();
    await this.ledger.close();
    await this.#connection.close();
    await this.business.stop();
    // The stack lives on, and each business would leave two databases on it.
    await this.#drop();
  }
}
