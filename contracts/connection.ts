/** A system as an adapter is given it: its name in the plan, and the values behind the environment variables the env file names. */
export interface Connection {
  readonly system: string;
  readonly values: Readonly<Record<string, string>>;
  /** Milliseconds after which one call is given up; its outcome is then unknown. */
  readonly callTimeoutMs: number;
}
