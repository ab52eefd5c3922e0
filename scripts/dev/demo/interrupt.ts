import { constants } from 'node:os';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C, a kill, or a terminal that was closed: it ends the demo once, and in order. */
export class Interrupt {
  readonly #controller = new AbortController();
  /** Resolves when it comes. */
  readonly happened = new Promise<void>((resolve) => {
    this.#controller.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  #code: number | null = null;

  constructor() {
    for (const name of names)
      process.on(name, () => {
        this.raise(name);
      });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code by which shells know it (128 and the signal's number); null where nothing interrupted. */
  get code(): number | null {
    return this.#code;
  }

  raise(name: (typeof names)[number]): void {
    this.#code ??= 128 + constants.signals[name];
    this.#controller.abort();
  }
}
