import type { Driver } from '../../support/arena/driver.ts';
import type { WorkerProcess } from '../../../scripts/dev/worker-process.ts';

/** The two workers of a business. Each that ends has a successor; one that ends and was not killed is a fault. */
export class Crew {
  readonly #driver: Driver;
  readonly #seats: (WorkerProcess | null)[] = [null, null];
  readonly #killed = new Set<WorkerProcess>();
  readonly #coming: Promise<void>[] = [];
  /** Sentences about workers that ended by themselves. */
  readonly faults: string[] = [];
  #isOver = false;

  private constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** The worker that the business came with, and a second one. */
  static async of(driver: Driver): Promise<Crew> {
    const crew = new Crew(driver);
    crew.#seat(0, driver.worker);
    crew.#seat(1, await driver.startWorker());
    return crew;
  }

  kill(seat: number): void {
    const worker = this.#seats[seat];
    if (worker === null || worker === undefined) return;
    this.#killed.add(worker);
    worker.signal('SIGKILL');
  }

  /** Stops a worker where it is, for so long (ms). */
  async sleep(seat: number, forMs: number): Promise<void> {
    const worker = this.#seats[seat];
    worker?.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, forMs));
    worker?.signal('SIGCONT');
  }

  /** No successors from here on; returns when none is starting any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#coming);
  }

  #seat(seat: number, worker: WorkerProcess): void {
    this.#seats[seat] = worker;
    void worker.ended.then(() => {
      if (this.#isOver) return;
      if (!this.#killed.has(worker)) this.faults.push('a worker ended and nobody had killed it');
      this.#seats[seat] = null;
      this.#coming.push(this.#succeed(seat));
    });
  }

  /** A worker cannot start while PostgreSQL or Temporal is down; whoever runs it starts it again. */
  async #succeed(seat: number): Promise<void> {
    for (let tries = 1; !this.#isOver; tries += 1) {
      try {
        this.#seat(seat, await this.#driver.startWorker());
        return;
      } catch (error) {
        if (tries < 10) continue;
        this.faults.push(`no worker could be started: ${String(error)}`);
        return;
      }
    }
  }
}
