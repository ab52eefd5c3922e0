/** An ISO instant as people read it, to the second, in UTC: `2026-11-24 08:10:11 UTC`; a dash for none. */
export function instantText(iso: string | null): string {
  return iso === null ? '-' : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

const units = [
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A duration (ms) in the largest unit that fits it: `2 weeks`, `90 minutes`, `250 ms`. */
export function durationText(ms: number): string {
  const whole = units.find(([, size]) => ms >= size && ms % size === 0) ?? units.find(([, size]) => ms >= 2 * size);
  if (whole === undefined) return `${String(ms)} ms`;
  const count = Math.round(ms / whole[1]);
  return `${String(count)} ${whole[0]}${count === 1 ? '' : 's'}`;
}
