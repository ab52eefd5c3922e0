import { z } from 'zod';
import { durationSchema } from '../domain/clock/duration.ts';
import { envSchema } from '../domain/plan/env.ts';
import { planSchema } from '../domain/plan/plan.ts';

/** How a duration is written; JSON Schema cannot see into the function that reads it. */
const durationPattern = '^[0-9]{1,6}(ms|s|m|h|d|w)$';

function jsonSchema(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema: part }) => {
      if (zodSchema === durationSchema) Object.assign(part, { type: 'string', pattern: durationPattern });
    },
  });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** The JSON Schemas of the files people write, as they stand in docs/schema, by file name. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return { 'plan.schema.json': jsonSchema(planSchema, 'cutover plan'), 'env.schema.json': jsonSchema(envSchema, 'cutover env') };
}
