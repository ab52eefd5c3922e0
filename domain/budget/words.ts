import { usedAt, type LimitWindow } from './window.ts';

/** Why calls to a system wait, and until when, in words for people. */
export interface Waiting {
  readonly system: string;
  readonly why: string;
  readonly untilMs: number;
}

/** Such as `81 % of 100,000 calls in 24 h used`. */
export function usageText(window: LimitWindow, nowMs: number): string {
  const percent = Math.floor((100 * usedAt(window, nowMs)) / window.limit);
  return `${String(percent)} % of ${grouped(window.limit)} calls in ${lengthText(window.lengthMs)} used`;
}

/** Such as `salesforce: 81 % of 100,000 calls in 24 h used, goes on at 14:05 UTC`; seconds where the wait is short, the date where it is long. */
export function waitingText({ system, why, untilMs }: Waiting, nowMs: number): string {
  return `${system}: ${why}, goes on at ${instantText(untilMs, nowMs)}`;
}

/** Waits up to so long are told to the second; from so long on with the date (ms). */
const [short, long] = [600_000, 43_200_000];

/** An instant for people: seconds where it is soon, the date where it is far. */
export function instantText(atMs: number, nowMs: number): string {
  // Told too early, a minute would be over before anything goes on.
  const step = atMs - nowMs <= short ? 1_000 : 60_000;
  const instant = new Date(Math.ceil(atMs / step) * step).toISOString();
  const shown = `${instant.slice(11, step === 1_000 ? 19 : 16)} UTC`;
  return atMs - nowMs > long ? `${instant.slice(0, 10)} ${shown}` : shown;
}

/** A number with a comma after each thousand. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** The length of a window in the largest unit that it is a whole number of. */
export function lengthText(lengthMs: number): string {
  const unit = units.find(([, ms]) => lengthMs % ms === 0);
  return unit === undefined ? `${grouped(lengthMs)} ms` : `${String(lengthMs / unit[1])} ${unit[0]}`;
}
