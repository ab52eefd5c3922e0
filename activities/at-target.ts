import type { CreateRow } from '../ledger/effect-row.ts';
import type { Context } from './deps.ts';
import { inOrder } from './in-order.ts';

/**
 * Does `work` for pages of creates, each page cut by the system its creates went to, and yields the results. A system gets as many pages at a time as it takes
 * batches from one lane. Pages of a system that takes few wait here, and those of the others go past them, as far as pages are read ahead. Behind a page that
 * fails none of its system begins.
 */
export async function* atTheirTarget<Result>(
  { sys }: Pick<Context, 'sys'>,
  pages: AsyncIterable<readonly CreateRow[]>,
  work: (creates: readonly CreateRow[]) => Promise<Result>,
): AsyncGenerator<Result> {
  const placesOf = (system: string): number => sys.target(system).capabilities.writesInFlight;
  const most = Math.max(...sys.plan.objects.map(({ target }) => placesOf(target.system)));
  const queues = new Map<string, Queue>();
  const queueOf = (system: string): Queue => {
    const queue = queues.get(system) ?? new Queue(placesOf(system));
    queues.set(system, queue);
    return queue;
  };
  yield* inOrder(bySystem(pages), most, ([system, creates]) => queueOf(system).run(() => work(creates)));
}

async function* bySystem(
  pages: AsyncIterable<readonly CreateRow[]>,
): AsyncGenerator<readonly [system: string, creates: readonly CreateRow[]]> {
  for await (const page of pages) yield* Map.groupBy(page, ({ system }) => system);
}

/** Work of which so many pieces are done at a time, in the order in which they came; what still waits when one fails, fails with it. */
class Queue {
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #failure: { readonly error: unknown } | null = null;

  constructor(places: number) {
    this.#free = places;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      if (this.#failure !== null) throw this.#failure.error;
      return await work();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
