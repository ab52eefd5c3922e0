import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../domain/clock/duration.ts';

/** The value of an option that counts something, such as `--attempt`; a text that is none is a wrong use of the command. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

/** The value of an option that is a time, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === null) throw new InvalidArgumentError('Write a whole number and one of ms, s, m, h, d, w.');
  return ms;
}
