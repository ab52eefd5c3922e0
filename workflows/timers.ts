import * as temporal from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import { asSummary } from '../contracts/metadata.ts';

/** What the Timeline shows of a timer; whatever it names, no more of it is sent than a server takes. */
interface Named {
  readonly summary: string;
}

/** A timer. */
export function sleep(duration: Duration, { summary }: Named): Promise<void> {
  return temporal.sleep(duration, { summary: asSummary(summary) });
}

/** Waits until it is so; where a time is given, until (false) that is up. */
export function condition(isSo: () => boolean): Promise<void>;
export function condition(isSo: () => boolean, duration: Duration, named: Named): Promise<boolean>;
export function condition(isSo: () => boolean, duration: Duration = 0, named?: Named): Promise<boolean | void> {
  return named === undefined ? temporal.condition(isSo) : temporal.condition(isSo, duration, { summary: asSummary(named.summary) });
}
