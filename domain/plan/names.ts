import { z } from 'zod';

/** A name that becomes part of a workflow id: letters, digits and dashes, at most 40. */
export const nameSchema = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9-]{0,39}$/, 'use letters, digits and dashes, beginning with a letter, at most 40');

/** How a person is named in the env file and in decisions. */
export const personIdSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,39}$/, 'use small letters, digits, dots and dashes, 2 to 40 of them');

/** Name of an environment variable that holds an address or a secret; the value itself never stands in a file. */
export const variableSchema = z.strictObject({
  env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'name an environment variable in capitals, for example CUTOVER_ERP_PASSWORD'),
});

/** The six functions that hold decision rights in a change of ERP. */
export const roles = ['salesOps', 'revOps', 'finance', 'it', 'marketingOps', 'customerSuccess'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Whether a text names one of the roles. */
export function isRole(text: string): text is Role {
  return roleSchema.safeParse(text).success;
}
