/** Waits until something has happened so many times. */
export class Countdown {
  readonly over: Promise<void>;
  #left: number;
  #end: () => void = () => undefined;

  constructor(count: number) {
    this.#left = count;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  done(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }
}
