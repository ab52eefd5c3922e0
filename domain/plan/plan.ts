import { z } from 'zod';
import { durationSchema } from '../clock/duration.ts';
import { newcomersSchema } from '../waves/newcomers.ts';
import { fieldRuleSchema, objectSchema } from './mapping.ts';
import { nameSchema, roleSchema } from './names.ts';
import { rightsSchema } from './rights.ts';
import { systemSchema } from './systems.ts';

/** The measured quantities a limit may speak of. */
export const metricNames = [
  'writeErrorRate',
  'mismatchRate',
  'unexplained',
  'expectationsUnmet',
  'openExceptions',
  'notHarmless',
  'missingReferences',
  'configurationDrift',
] as const;
export const metricSchema = z.enum(metricNames);
export type MetricName = z.infer<typeof metricSchema>;

/** The one-page sheet of a metric; a limit may only name a metric that has one. */
const metricSheetSchema = z.strictObject({
  source: z.string(),
  cadence: z.string(),
  logic: z.string(),
  owner: roleSchema,
  exceptions: z.string(),
  ruleVersion: z.number().int().min(1),
});

export const waveStages = ['loading', 'shadow', 'frozen', 'switching', 'switched'] as const;

/** A limit watched all the time. `limit` is a rate (or a count with `kind: count`); sample bounds are counts of records. */
export const guardSchema = z.strictObject({
  name: nameSchema,
  metric: metricSchema,
  kind: z.enum(['rate', 'count']),
  limit: z.number().min(0),
  minimumSample: z.number().int().min(1),
  /** Below `minimumSample` records, this many bad ones are a breach all the same; an exact count for small waves. */
  exactCount: z.number().int().min(1).optional(),
  alpha: z.number().gt(0).max(0.2).default(0.01),
  window: durationSchema,
  stages: z.array(z.enum(waveStages)).min(1),
  answer: z.strictObject({ beforeSwitch: z.enum(['pause', 'rollback', 'manual']), afterSwitch: z.enum(['pause', 'rollback', 'manual']) }),
  owner: roleSchema,
});
export type GuardPlan = z.infer<typeof guardSchema>;

const limitSchema = z.strictObject({ metric: metricSchema, max: z.number().min(0) });

/** A door: who must say go, on which limits, by when, and what happens at the deadline (never go). */
export const gateSchema = z.strictObject({
  roles: z.array(roleSchema).min(1),
  limits: z.array(limitSchema).min(1),
  deadline: durationSchema.optional(),
  reminder: durationSchema,
  atDeadline: z.enum(['hold', 'escalate', 'rollback']).default('hold'),
  validity: durationSchema,
  maxAttempts: z.number().int().min(1).max(20).default(3),
});
export type GatePlan = z.infer<typeof gateSchema>;

const waveSchema = z.strictObject({ name: nameSchema, accounts: z.array(z.string().min(1)) });

const expectationSchema = z.strictObject({
  object: z.string(),
  key: z.string(),
  outcome: z.enum(['created', 'matched', 'exception', 'archived']),
  why: z.string(),
});

/** The logic of a change-over: rehearsed and hashed. Addresses, people and dates stand in the env file. */
export const planSchema = z.strictObject({
  name: nameSchema,
  version: z.literal(1),
  systems: z.record(nameSchema, systemSchema),
  roles: z.strictObject({ source: nameSchema, target: nameSchema, crm: nameSchema, archive: nameSchema }),
  objects: z.array(objectSchema).min(1),
  /** Source queries whose records go to the write-once archive; they count, and their money counts, with the object named. */
  archive: z.array(z.strictObject({ object: z.string(), query: z.string() })).default([]),
  /** Repointing the CRM at the switch: the matched object whose target records carry the pointer, and the object they point to. */
  pointer: z.strictObject({ object: z.string(), to: z.string() }),
  /** Marked synthetic records that prove the way forward and back before a wave opens: created from `record`, changed where `change` says so, restored and deleted. */
  canaries: z
    .array(
      z.strictObject({
        object: z.string(),
        system: nameSchema,
        target: z.string(),
        record: z.record(z.string(), z.json()).default({}),
        fields: z.record(z.string(), fieldRuleSchema),
        change: z.record(z.string(), z.string()).default({}),
      }),
    )
    .min(1),
  canaryPrefix: z.string().regex(/^[A-Z]{2,8}-$/),
  pilot: waveSchema,
  waves: z.array(waveSchema).min(1),
  /** Accounts that come up in legacy after the last wave's freeze: they want another attempt of that wave, or stay. */
  newcomers: newcomersSchema.default('lastWave'),
  metrics: z.partialRecord(metricSchema, metricSheetSchema),
  guards: z.array(guardSchema).min(1),
  gates: z.strictObject({ baseline: gateSchema, switch: gateSchema, retry: gateSchema, close: gateSchema }),
  /** Who may decide what; what it does not name has a safe default. */
  rights: rightsSchema.default({}),
  freeze: z.strictObject({ contact: z.string(), reason: z.string() }),
  rollback: z.strictObject({ minutesPerHundredEffects: z.number().gt(0), pointsOfNoReturn: z.array(z.string()) }),
  expectations: z.array(expectationSchema).default([]),
  /** Named in the design, not yet run: a plan that asks for them is refused by name. */
  flows: z.array(z.unknown()).optional(),
  tasks: z.array(z.unknown()).optional(),
});
export type Plan = z.infer<typeof planSchema>;
