import type { CallMeter } from './calls.ts';

/** A system as an adapter is given it: its name in the plan, and the values behind the environment variables the env file names. */
export interface Connection {
  readonly system: string;
  readonly values: Readonly<Record<string, string>>;
  /** Milliseconds after which one call is given up; its outcome is then unknown. */
  readonly callTimeoutMs: number;
  /** Asked before each call and told of each answer; absent where nobody counts calls. */
  readonly meter?: CallMeter;
}
