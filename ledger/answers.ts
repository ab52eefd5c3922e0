import { sql, type Transaction } from 'kysely';

/** How the cause of a guard's hold begins; the id of its verdict follows. */
export const breachCause = 'breach ';

/**
 * Answers the breaches that placed holds with these causes, within the transaction that lifts them: the next judgement opens a new segment. Each answer
 * concerns the attempt its verdict was of. The faults that stood at a breach are accepted by name; one that came up since is not.
 */
export async function answerBreaches(tx: Transaction<unknown>, run: string, causes: readonly string[]): Promise<void> {
  const verdicts = causes.filter((cause) => cause.startsWith(breachCause));
  if (verdicts.length === 0) return;
  const { rows } = await sql<{
    guard: string;
    wave: string;
    attempt: number;
    at: string;
  }>`update verdict set answered_at = clock_timestamp() where run = ${run} and ${breachCause} || id::text = any(${verdicts}) and answered_at is null
    returning guard, wave, attempt, at::text as at`.execute(tx);
  for (const { guard, wave, attempt, at } of rows)
    await sql`update fault set accepted_by = accepted_by || ${guard}::text where run = ${run} and wave = ${wave} and attempt = ${attempt} and healed_at is null
      and since <= ${at}::timestamptz and ${guard} <> all(accepted_by)`.execute(tx);
}
