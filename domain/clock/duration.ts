import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof unitMs;

/** Milliseconds of a duration such as `250ms`, `10s`, `5m`, `2h`, `7d` or `2w`; null when the text is not one. */
export function parseDurationMs(text: string): number | null {
  const match = /^(\d{1,6})(ms|s|m|h|d|w)$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * unitMs[match[2] as Unit];
}

/** A duration as people write it (`10s`, `2w`), parsed to milliseconds. */
export const durationSchema = z.string().transform((text, context) => {
  const parsed = parseDurationMs(text);
  if (parsed !== null) return parsed;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write a whole number and one of ms, s, m, h, d, w, for example 10s or 2w`,
  });
  return z.NEVER;
});
