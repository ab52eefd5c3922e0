import type { z } from 'zod';
import type { RunRef } from '../contracts/messages.ts';
import { envSchema, type Env } from '../domain/plan/env.ts';
import { planSchema, type Plan } from '../domain/plan/plan.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The plan and env a run was started with. They were checked then; what another version of the program stored is refused in a sentence. */
export async function readDocuments({ runs }: Ledger, { run, planHash, envHash }: RunRef): Promise<readonly [Plan, Env]> {
  return [
    understood(planSchema, await runs.document(planHash), { run, kind: 'plan', hash: planHash }),
    understood(envSchema, await runs.document(envHash), { run, kind: 'env', hash: envHash }),
  ];
}

const otherVersion = 'Let a worker of the version that started the run carry it on, or roll it back with that version and start it anew.';

interface Stored {
  readonly run: string;
  readonly kind: 'plan' | 'env';
  readonly hash: string;
}

function understood<T>(schema: z.ZodType<T>, body: unknown, { run, kind, hash }: Stored): T {
  if (body === null) throw new Error(`the ledger holds no ${kind} ${hash}, which ${run} was started with; start it with: cutover start`);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const places = read.error.issues.map(({ path }) => path.map(String).join('.') || 'as a whole');
  throw new Error(
    `${run} was started with ${kind} ${hash}, which this version of cutover cannot read (${[...new Set(places)].join(', ')}). ${otherVersion}`,
  );
}
