import { startWorker, type WorkerProcess } from '../../../scripts/dev/worker-process.ts';

/** The workers of one scenario, whoever started them and whenever: none outlives it. */
export class Workers {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #started: WorkerProcess[] = [];
  readonly #coming: Promise<unknown>[] = [];
  #closing = false;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** Starts another worker; `more` is added to its environment, for example a point at which it dies. */
  start(more: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    return this.#remember(this.#start(more));
  }

  /** Starts another worker as soon as this one has ended, and hands it to `take`; none where the scenario is over by then. */
  afterEnd(worker: WorkerProcess, more: Readonly<Record<string, string>>, take: (next: WorkerProcess) => void): Promise<void> {
    return this.#remember(
      worker.ended.then(async () => {
        if (!this.#closing) take(await this.start(more));
      }),
    );
  }

  /** A failure is told to whoever waits, and to nobody where the scenario has failed before. */
  #remember<T>(coming: Promise<T>): Promise<T> {
    coming.catch(() => undefined);
    this.#coming.push(coming);
    return coming;
  }

  async #start(more: Readonly<Record<string, string>>): Promise<WorkerProcess> {
    const worker = await startWorker({ ...this.#environment, ...more }, log);
    this.#started.push(worker);
    return worker;
  }

  /** Stops them all, those included that are still starting. */
  async stop(): Promise<void> {
    this.#closing = true;
    await this.#stopStarted();
    await Promise.allSettled(this.#coming);
    await this.#stopStarted();
  }

  async #stopStarted(): Promise<void> {
    await Promise.all(
      this.#started.splice(0).map((worker) => {
        // One that was put to sleep hears nothing else.
        worker.signal('SIGCONT');
        return worker.stop();
      }),
    );
  }
}

function log(line: string): void {
  if (process.env['CUTOVER_TEST_LOG'] !== undefined) process.stderr.write(`${line}\n`);
}
