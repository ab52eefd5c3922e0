import { z } from 'zod';
import type { Reading } from '../contracts/activities.ts';
import { paceOf } from '../domain/waves/pace.ts';
import { paceText } from './pace-text.ts';

/** An activity that reads many records, with how far it is; at the pace until now, null while there is none. */
export interface ReadingUnderWay extends Omit<Reading, 'elapsedMs'> {
  readonly workflow: string;
  readonly activity: string;
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}

const count = z.number().int().nonnegative();
const readingSchema = z.object({
  reading: z.string(),
  done: count,
  total: count.nullable(),
  elapsedMs: count,
}) satisfies z.ZodType<Reading>;

/** What a heartbeat tells of a reading; null where it tells of something else. */
export function readingOf(told: unknown): Omit<ReadingUnderWay, 'workflow' | 'activity'> | null {
  const { data } = readingSchema.safeParse(told);
  if (data === undefined) return null;
  const { reading, done, total, elapsedMs } = data;
  const pace = paceOf({ done, total: total ?? done, elapsedMs });
  return { reading, done, total, perSecond: pace?.perSecond ?? null, leftMs: total === null ? null : (pace?.leftMs ?? null) };
}

/** One line for each, in words. */
export function readingLines(readings: readonly ReadingUnderWay[]): readonly string[] {
  return readings.map(
    ({ workflow, activity, reading, ...pace }) => `Reading ${reading}, in ${activity} of ${workflow}: ${paceText(pace)}.`,
  );
}
