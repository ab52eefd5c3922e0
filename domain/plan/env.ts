import { z } from 'zod';
import { durationSchema } from '../clock/duration.ts';
import { nameSchema, personIdSchema, roleSchema, variableSchema } from './names.ts';

const personSchema = z.strictObject({ id: personIdSchema, roles: z.array(roleSchema).min(1), deputy: z.string().optional() });

/**
 * Where a system is and as whom it is entered: always by naming environment variables, never by value. Which names there are depends on
 * the system's adapter, which stands in the plan: `checks/systems.ts` compares the two.
 */
const connectionSchema = z.record(z.string().regex(/^[a-z][a-zA-Z]*$/), variableSchema);

/** All waits of a run. A rehearsal's are short, a live run's are weeks. */
const timingsSchema = z.strictObject({
  soak: durationSchema,
  parallelRun: durationSchema,
  hypercare: durationSchema,
  reconcileEvery: durationSchema,
  guardEvery: durationSchema,
  lease: durationSchema,
  leaseAtMost: durationSchema.optional(),
  quietWithin: durationSchema,
  actWithin: durationSchema,
  callTimeout: durationSchema,
  retryPause: durationSchema.prefault('1m'),
});
export type Timings = z.infer<typeof timingsSchema>;

export const envSchema = z.strictObject({
  name: nameSchema,
  version: z.literal(1),
  mode: z.enum(['rehearsal', 'live']),
  systems: z.record(nameSchema, connectionSchema),
  people: z.array(personSchema).min(1),
  timings: timingsSchema,
});
export type Env = z.infer<typeof envSchema>;
export type Person = z.infer<typeof personSchema>;
