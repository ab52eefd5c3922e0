import { keyText } from '../../domain/exceptions/key-text.ts';
import { listedFirst } from '../../domain/listed.ts';
import type { GateCall } from '../../contracts/activities.ts';
import { sharedWave } from '../../contracts/messages.ts';
import type { Joined } from '../../ledger/joining.ts';
import { instantText } from '../../reports/instant.ts';
import type { Context } from '../deps.ts';
import { activations } from '../effects/activations.ts';
import { stayingAccounts } from '../accounts/staying.ts';
import { priceOf } from '../rollback/price.ts';
import { accountsOf } from '../accounts/of-wave.ts';

/** What people are told before they vote and do not vote on: what cannot be undone, what runs out, the price of going back, calls used up. */
export async function noticesOf(context: Context, call: GateCall, attempt: number, exceptions: number): Promise<readonly string[]> {
  const about =
    call.kind === 'switch'
      ? await aboutSwitch(context, call)
      : call.kind === 'close'
        ? await aboutClose(context, call, attempt, exceptions)
        : [];
  return [...about, ...(await aboutUsage(context))];
}

async function aboutSwitch(context: Context, call: GateCall): Promise<readonly string[]> {
  const notices: string[] = [];
  const [accounts, staying] = [await accountsOf(context, call.wave), await stayingAccounts(context, call.wave)];
  const documents = await documentsOf(
    context,
    call.wave,
    accounts.filter((account) => !staying.has(account)),
  );
  if (documents > 0)
    notices.push(
      `From this go on ${documents === 1 ? '1 document is' : `${String(documents)} documents are`} confirmed in the target; they can then be neither cancelled nor deleted (undo kind impossible), and a rollback leaves them there marked "returned to legacy, do not ship".`,
    );
  const joined = await context.ledger.joining.of(call.run);
  const came = accounts.filter((account) => joined.has(account) && !staying.has(account));
  if (came.length > 0) notices.push(aboutJoined(came, joined));
  const stay = accounts.filter((account) => staying.has(account));
  if (stay.length > 0) notices.push(aboutStaying(stay, staying, await isLastWave(context, call.wave)));
  const { leaseUntil } = await context.ledger.waves.get(call.run, call.wave);
  const isFrozenForAll = context.sys.source.capabilities.freeze?.granularity === 'system';
  if (leaseUntil !== null && !isFrozenForAll)
    notices.push(
      `The freeze of this wave's accounts ends by itself at ${instantText(leaseUntil.toISOString())}; decide before, or the wave is frozen and read again.`,
    );
  if (isFrozenForAll)
    notices.push(
      'The legacy system can only be frozen as a whole, and its lease is ended by a person: nobody can work in it until this wave is taken back; after this go until the whole run is.',
    );
  return [...notices, (await priceOf(context, call.wave)).sentence];
}

/** Accounts listed by name in a notice; the exceptions of the gate name the rest. */
const accountsNamed = 20;

function named(accounts: readonly string[], reasonOf: (account: string) => string): string {
  const some = accounts.slice(0, accountsNamed).map((account) => `${keyText(account)} (${reasonOf(account)})`);
  return listedFirst(some, accounts.length, ', ', ', ');
}

function aboutStaying(accounts: readonly string[], reasons: ReadonlyMap<string, string>, isLast: boolean): string {
  const next = isLast
    ? 'No other wave is to come: mend the causes, then take this wave back for another attempt, or close the run and start the next one.'
    : 'Mend the causes: the next wave that opens takes them up.';
  const list = named(accounts, (account) => reasons.get(account) ?? '');
  return `${String(accounts.length)} accounts of this wave stay in legacy and go on working there: ${list}. ${next}`;
}

function aboutJoined(accounts: readonly string[], joined: ReadonlyMap<string, Joined>): string {
  const list = named(accounts, (account) => joined.get(account)?.left ?? '');
  return `${String(accounts.length)} accounts stayed in legacy with an earlier wave and go with this one: ${list}.`;
}

/** Whether every other wave of the run has switched. */
async function isLastWave({ ledger, ref }: Context, wave: string): Promise<boolean> {
  const others = (await ledger.waves.all(ref.run)).filter(({ name }) => name !== wave && name !== sharedWave);
  return others.every(({ state }) => state === 'switched' || state === 'closed');
}

async function aboutClose(context: Context, call: GateCall, attempt: number, exceptions: number): Promise<readonly string[]> {
  const { edited } = await context.ledger.comparisons.all(call.run, call.wave, attempt);
  return [
    `The go at this gate signs off ${String(exceptions)} open exceptions; the report exports them. The seals in legacy are handed over if IT has by then taken the writing rights of the legacy users away; otherwise they stay.`,
    (await priceOf(context, call.wave)).sentence,
    ...(edited.length === 0
      ? []
      : [
          `People have changed ${String(edited.length)} records in the new system since their switch; they differ from the sealed legacy records, and that is business and no mismatch.`,
        ]),
  ];
}

/** Calls used up where a system tells of a limit; one that does not answer is not what people decide on here. */
async function aboutUsage({ sys }: Context): Promise<readonly string[]> {
  const { target, crm } = sys.plan.roles;
  const usages = await Promise.all(
    [target, crm].map(async (system) => ({
      system,
      usage: await sys
        .target(system)
        .usage()
        .catch(() => null),
    })),
  );
  return usages.flatMap(({ system, usage }) =>
    usage === null || usage.limit === null
      ? []
      : [`${system}: ${String(usage.used)} of ${String(usage.limit)} calls of its API limit are used.`],
  );
}

/** Documents of these accounts of the wave that its switch will activate: they stand in the target, and were not activated before, as those that a rollback had to leave were. */
async function documentsOf(context: Context, wave: string, switching: readonly string[]): Promise<number> {
  const accounts = new Set(switching);
  let documents = 0;
  for (const object of context.sys.plan.objects.filter(({ activate }) => activate)) {
    for await (const records of context.ledger.records.headPages(context.scope, wave, object.name, 'there')) {
      const keys = records
        .filter(({ disposition, account }) => disposition === 'move' && accounts.has(account ?? ''))
        .map(({ sourceId }) => sourceId);
      const rows = (await context.ledger.crosswalk.bySource(context.scope, object.name, keys)).filter(({ state }) => state === 'live');
      const activated = new Set((await activations(context, object, keys)).map(({ targetId }) => targetId));
      documents += rows.filter(({ targetId }) => !activated.has(targetId)).length;
    }
  }
  return documents;
}
