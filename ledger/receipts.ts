import { recordText } from '../domain/exceptions/key-text.ts';
import { sql, type Transaction } from 'kysely';
import { mayCall, settle, type Settlement } from '../domain/effects/outcome.ts';
import { settleCreates } from './created.ts';
import { followEffects, othersNamed } from './following.ts';
import { plainColumns, type Answer, type PlainEffect } from './effect-row.ts';
import { openExceptions } from './exceptions.ts';
import { claimOf } from './intents.ts';
import { otherOwners, releaseTargets, reserveTargets, type SourceName } from './owners.ts';
import { tableOf } from './rows.ts';

/** An answer beside its effect as the ledger has it, the target record it is about, and whether its call was still open. */
interface Heard {
  readonly answer: Answer;
  readonly effect: PlainEffect;
  readonly target: PlainEffect;
  readonly callOpen: boolean;
}

/** A heard answer with what it changes. */
interface Settled extends Heard, Settlement {
  readonly otherOwner: SourceName | null;
}

type Tx = Transaction<unknown>;

/**
 * Writes down what answers change: their calls, their effects, the owners of their target records, the crosswalk; in a number of statements that does
 * not depend on how many there are. `inTime`: the crosswalk may follow. `atOnce`: as settleCreates can, which may
 * reject; what it wrote is then to be rolled back. Returns for each whether it does, was late, or changes nothing there.
 */
export async function recordAnswers(
  tx: Tx,
  answers: readonly Answer[],
  inTime: boolean,
  atOnce: boolean,
): Promise<readonly Settlement['crosswalk'][]> {
  // Most answers say of a create that it was made, and nothing else knows the record: they are settled at once, and only what is left is looked at.
  const settled = inTime && atOnce ? await settleCreates(tx, answers) : new Set<Answer>();
  const left = answers.filter((answer) => !settled.has(answer));
  const ways = await settleOthers(tx, left, inTime);
  const wayOf = new Map(left.map((answer, index) => [answer, ways[index]]));
  return answers.map((answer) => wayOf.get(answer) ?? 'follows');
}

async function settleOthers(tx: Tx, answers: readonly Answer[], inTime: boolean): Promise<readonly Settlement['crosswalk'][]> {
  if (answers.length === 0) return [];
  const heard = await hear(tx, answers);
  const others = await othersNamed(
    tx,
    heard.flatMap(({ target }) => (target.origin === null ? [] : [target])),
  );
  const owners = await ownersOf(tx, heard);
  const settled = heard.map((one, index): Settled => {
    const { answer, effect, callOpen } = one;
    const otherOwner = owners[index] ?? null;
    const call = { status: effect.status, callOpen, inTime, otherTarget: others.has(effect.id), otherOwner: otherOwner !== null };
    return { ...one, ...settle(call, answer.says), otherOwner };
  });
  await changeEffects(tx, settled);
  await followEffects(
    tx,
    settled.flatMap(({ crosswalk, target }) => (crosswalk === 'follows' ? [target] : [])),
  );
  for (const one of settled) if (one.crosswalk === 'late') await tellLate(tx, one);
  const given = settled.filter(({ closesCall, status }) => closesCall && mayCall(status));
  await releaseTargets(
    tx,
    given.flatMap(({ effect }) => claimOf(effect.scope, effect)),
  );
  return settled.map(({ crosswalk }) => crosswalk);
}

/** Locks the effects that answers are about, in the order of their ids. A call before the newest of its effect was closed when that one was opened. */
async function hear(tx: Tx, answers: readonly Answer[]): Promise<readonly Heard[]> {
  const { rows } = await sql<PlainEffect & { callOpen: boolean; place: number }>`
    select ${plainColumns}, e.n = r.n and e.closed is null as "callOpen", r.place from ${tableOf(answers, 'effect text, n int')}
    join effect e on e.id = r.effect and r.n between 1 and e.n order by e.id for no key update of e`.execute(tx);
  const known = new Map(rows.map(({ place, callOpen, ...effect }) => [place, { effect, callOpen }]));
  return answers.map((answer, place) => {
    const one = known.get(place);
    if (one === undefined) throw new Error(`the ledger knows no call ${String(answer.n)} of effect ${answer.effect}`);
    return { ...one, answer, target: { ...one.effect, targetId: answer.targetId ?? one.effect.targetId } };
  });
}

function wroteSomething({ says }: Answer): boolean {
  return says === 'applied' || says === 'unchanged';
}

/**
 * The other source records that written target records stand for, at the places of their answers; a record just created that is not entered yet is
 * reserved here, with its receipt.
 */
async function ownersOf(tx: Tx, heard: readonly Heard[]): Promise<readonly (SourceName | null)[]> {
  const owners: (SourceName | null)[] = heard.map(() => null);
  const claims = heard.flatMap(({ answer, target, callOpen }, place) =>
    wroteSomething(answer) && target.undoes === null ? claimOf(target.scope, target).map((claim) => ({ ...claim, place, callOpen })) : [],
  );
  const [open, closed] = [claims.filter(({ callOpen }) => callOpen), claims.filter(({ callOpen }) => !callOpen)];
  for (const [index, owner] of (await reserveTargets(tx, open)).entries()) owners[open[index]?.place ?? -1] = owner;
  for (const [index, owner] of (await otherOwners(tx, closed)).entries()) owners[closed[index]?.place ?? -1] = owner;
  return owners;
}

/** Closes calls, and moves their effects. */
async function changeEffects(tx: Tx, settled: readonly Settled[]): Promise<void> {
  const changed = settled
    .filter(({ status, effect, closesCall }) => closesCall || status !== effect.status)
    .map(({ status, effect, target, answer, closesCall }) => {
      const moved = status !== effect.status;
      return {
        ...{ id: effect.id, status, closed: closesCall ? answer.says : null },
        ...(moved ? { target: target.targetId, reason: answer.reason } : { target: effect.targetId, reason: effect.reason }),
      };
    });
  if (changed.length === 0) return;
  await sql`update effect e set status = r.status, target_id = r.target, reason = r.reason, closed = coalesce(r.closed, e.closed),
      closed_at = case when r.closed is null then e.closed_at else clock_timestamp() end
    from ${tableOf(changed, 'id text, status text, target text, reason text, closed text')} where e.id = r.id`.execute(tx);
}

/**
 * A write that people must look at: it reached a record that stands for another source record, or it was reported after its call had been closed as
 * one that wrote nothing, when the target record was free for others. Nothing of it is taken back by itself.
 */
async function tellLate(tx: Tx, { target: effect, callOpen, otherOwner }: Settled): Promise<void> {
  if (otherOwner === null && (callOpen || effect.operation === 'create' || effect.undoes !== null)) return;
  const { operation, system, targetObject, targetId, object, sourceId } = effect;
  const when = callOpen ? 'says' : 'said late, after the write had been judged to be none,';
  const whose = otherOwner === null ? '' : `, which stands for ${recordText(otherOwner)}`;
  const { rows } = await sql<{
    account: string | null;
  }>`select account from record where scope = ${effect.scope} and object = ${object} and source_id = ${sourceId} and latest`.execute(tx);
  await openExceptions(tx, effect.run, effect.wave, [
    {
      object,
      sourceId,
      account: rows[0]?.account ?? null,
      kind: 'ambiguousOutcome',
      message: `${system} ${when} that it did ${operation} ${targetObject} ${targetId ?? ''} for ${recordText({ object, sourceId })}${whose}; nothing was taken back: look at the record there and correct it by hand.`,
      candidates: targetId === null ? [] : [targetId],
    },
  ]);
}
