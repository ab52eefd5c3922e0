import { z } from 'zod';
import { nameSchema, personIdSchema, roleSchema } from '../plan/names.ts';
import { jsonBytes } from './size.ts';

/** Largest decision message (bytes of its JSON text): with 64 of them an inbox stays far below Temporal's 2 MB for one payload. */
export const maxDecisionBytes = 4096;

const verbs = ['go', 'noGo', 'hold', 'resume', 'rollback'] as const;

/** How the id of a message is written: by it a message that is sent again counts once. */
export const requestIdPattern = /^[A-Za-z0-9_-]{8,64}$/;

const requestIdSchema = z.string().regex(requestIdPattern, 'use 8 to 64 letters, digits, dashes or underscores');

/** A text that a database can store. */
const textSchema = z.string().regex(/^[^\0]*$/, 'leave out the character NUL');

/** What a person sends. A go names the gate, attempt and facts it was given on; the stop verbs bind to the run alone. */
const decisionSchema = z
  .strictObject({
    requestId: requestIdSchema,
    run: textSchema.min(1).max(200),
    verb: z.enum(verbs),
    gate: textSchema.min(1).max(100).optional(),
    attempt: z.number().int().min(1).optional(),
    factsHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'give the facts hash that the gate shows')
      .optional(),
    by: personIdSchema,
    role: roleSchema,
    reason: textSchema.trim().min(1, 'say why').max(500, 'say it in at most 500 characters'),
    /** What a rollback takes back, or a hold stops: `run`, or the name of one wave. */
    scope: nameSchema.optional(),
    /** The holds a resume lifts, by their numbers, or all that stand. */
    holds: z.union([z.literal('all'), z.array(z.number().int().min(1)).min(1).max(500)]).optional(),
    /** Kept for signed decisions. */
    signature: z.literal('', 'signatures are not accepted yet; leave it out').nullish(),
  })
  .superRefine((decision, context) => {
    const missing = (field: 'gate' | 'attempt' | 'factsHash' | 'scope' | 'holds', message: string): void => {
      if (decision[field] === undefined) context.addIssue({ code: 'custom', path: [field], message });
    };
    if (decision.verb === 'go') {
      missing('gate', 'a go names its gate');
      missing('attempt', 'a go names the attempt of the gate');
      missing('factsHash', 'a go names the facts it was given on');
    }
    if (decision.verb === 'resume') missing('holds', 'a resume names the holds it lifts, or all');
    if (decision.verb === 'rollback') missing('scope', 'a rollback names its scope: run, or a wave');
  });
export type Decision = z.infer<typeof decisionSchema>;

export type ReadDecision = { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly refusal: string };

/** Whether this verb stops: it binds to the run only, and is read last before a gate opens. */
export function isStopVerb(verb: unknown): boolean {
  return verb === 'noGo' || verb === 'hold' || verb === 'rollback';
}

function refuse(why: string): ReadDecision {
  return { ok: false, refusal: `The decision was not understood: ${why}.` };
}

/** Reads a message as a decision. Never throws: whatever was sent, the answer is a decision or a sentence that says what is wrong. */
export function readDecision(raw: unknown): ReadDecision {
  const bytes = jsonBytes(raw);
  if (bytes === null) return refuse('it cannot be read as JSON');
  if (bytes > maxDecisionBytes) return refuse(`it has ${String(bytes)} bytes, and ${String(maxDecisionBytes)} are allowed`);
  try {
    const parsed = decisionSchema.safeParse(raw);
    if (parsed.success) return { ok: true, decision: parsed.data };
    return refuse(parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'message'}: ${issue.message}`).join('; '));
  } catch {
    return refuse('reading it failed');
  }
}
