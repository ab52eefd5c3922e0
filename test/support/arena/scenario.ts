import { afterAll, afterEach, beforeAll } from 'vitest';
import { startStack, type Stack, type StackOptions } from '../../../scripts/dev/stack.ts';
import { Driver, type DriverOptions } from './driver.ts';
import { sharedStack } from './shared-stack.ts';

/** What a test file needs of its arena. */
export interface ArenaOptions {
  /** It crashes or restarts servers, or needs them set otherwise: it gets a stack of its own, whose Temporal keeps its data by default. */
  readonly ownStack?: boolean | StackOptions;
  /** A test may go on where the one before it left the run: a business is closed when the next is opened, or after the last test. */
  readonly goesOn?: boolean;
}

/** A stack for the test file, by default the one of its worker, and a way to open a business on it that is closed whatever happened. */
export function useArena({ ownStack = false, goesOn = false }: ArenaOptions = {}): {
  open(name: string, options?: DriverOptions): Promise<Driver>;
  readonly stack: () => Stack;
} {
  let stack: Stack | null = null;
  const drivers: Driver[] = [];
  const current = (): Stack => {
    if (stack === null) throw new Error('the stack has not started');
    return stack;
  };
  beforeAll(async () => {
    stack = await (ownStack === false ? sharedStack() : startStack(ownStack === true ? {} : ownStack));
  });
  const close = async (): Promise<void> => {
    for (const driver of drivers.splice(0)) await driver.close();
  };
  if (!goesOn) afterEach(close);
  afterAll(async () => {
    await close();
    await stack?.stop();
  });
  return {
    stack: current,
    open: async (name, options = {}) => {
      if (goesOn) await close();
      const driver = await Driver.open(current(), name, options);
      drivers.push(driver);
      return driver;
    },
  };
}
