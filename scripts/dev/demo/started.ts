interface Part {
  stop(): Promise<void>;
  signal?(name: NodeJS.Signals): void;
}

/** What the demo has started, to be stopped newest first; or all at once when it is interrupted. */
export class Started {
  readonly #parts: Part[] = [];
  #isOver = false;

  /** Remembers a part once it runs. One that comes up after an interrupt is stopped again, and the demo goes no further. */
  async keep<T extends Part>(starting: Promise<T>): Promise<T> {
    const part = await starting;
    this.#parts.unshift(part);
    if (!this.#isOver) return part;
    await this.stopAtOnce();
    throw new Error('the demo was interrupted');
  }

  async stop(): Promise<void> {
    for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) await part.stop();
  }

  /**
   * To be called in the very moment of an interrupt. A Ctrl-C at the terminal may have reached every process.
   */
  async stopAtOnce(): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      this.#parts.splice(0).map((part) => {
        // A worker that is asked nicely waits for servers that are going away as well.
        part.signal?.('SIGKILL');
        return part.stop();
      }),
    );
  }
}
