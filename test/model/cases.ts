import { explore, type Explored, type Model } from './explorer.ts';
import { ownerModel } from './owners/model.ts';
import { recordModel, smallWorld } from './records/model.ts';
import { product as recordRules, type World } from './records/rules.ts';
import { switchModel } from './switch/model.ts';
import { product as switchRules } from './switch/rules.ts';

/** One exploration: a world under the rules of the product, or a mutant of them and one invariant it must break. */
export interface ModelCase {
  readonly name: string;
  /** Where the whole of it takes longer than a minute, `npm run model` looks at it, and the tests do not. */
  readonly long: boolean;
  /** Null where nothing may break. `dead end`: a state from which nothing leads on. */
  readonly breaks: string | null;
  explore(): Explored;
}

const of = <S>(name: string, breaks: string | null, model: Model<S>, long = false): ModelCase => ({
  name,
  long,
  breaks,
  explore: () => explore(model, breaks),
});

const quick: World = { ...smallWorld, holds: 0 };
const people: World = { ...quick, persons: 1, sleepers: false };
const calm: World = { ...quick, sleepers: false };
/** A target whose reads cannot tell who may still send: there every call is waited for, and the searches are what finds the rest. */
const blindReads = { absentWaitsForFence: false, waitsForEvery: true } as const;

/** The protocols as the product is built: nothing may break, and every state leads on. */
const sound: readonly ModelCase[] = [
  of('the records of one wave', null, recordModel(calm), true),
  of('the records of one wave, with sleeping processes', null, recordModel(quick)),
  of('the records of one wave, with people in the target', null, recordModel(people), true),
  of('the records of one wave, with holds and sleeping processes', null, recordModel(smallWorld), true),
  of('two records in one call, each applied or not', null, recordModel({ ...calm, records: 2, partial: true }), true),
  of('three calls of one record', null, recordModel({ ...calm, calls: 3 }), true),
  of('a target without a fence, and nobody who sleeps', null, recordModel(calm, { fence: false })),
  of('reads that cannot tell who may still send', null, recordModel(quick, blindReads), true),
  of('freeze, gate, switch and rollback in two attempts', null, switchModel()),
  of('two source records that match one record of the target', null, ownerModel()),
];

/** What each rule is there for: without it an invariant breaks. */
const mutants: readonly ModelCase[] = [
  of(
    'receipts and verdicts act on whatever call is open',
    'a record of ours is left after a rollback',
    recordModel(quick, { boundToCall: false }),
  ),
  of('emptiness is judged by the age at the end of the read', 'a record is doubled', recordModel(calm, { readBegan: false })),
  of(
    'a lane is claimed while a hold stands',
    'an intent was committed after a raise',
    recordModel(
      { ...calm, holds: 1 },
      { judgeClaim: (lane) => recordRules.judgeClaim({ ...lane, standing: { holds: [], stops: lane.standing.stops } }) },
    ),
  ),
  of('a late row that only confirms is taken back', 'a record is lost', recordModel(quick, { lateConfirms: false })),
  of(
    'the sweep looks for two records and not for every one',
    'a record stands that the crosswalk does not name',
    recordModel(quick, { ...blindReads, sweepsEvery: false }),
    true,
  ),
  of('an undo is not conditional on what was read', 'the work of a person was removed', recordModel(people, { conditionalUndo: false })),
  of(
    'nothing fences a sleeping process at the target',
    'a record appeared after the rollback was done',
    recordModel(quick, { fence: false }),
    true,
  ),
  of(
    'a rollback does not search by key',
    'a record of ours is left after a rollback',
    recordModel(quick, { ...blindReads, rollbackSearches: false, searchBeforeDone: false }),
    true,
  ),
  of(
    'a record of the crosswalk is not read before the switch',
    'a wave was switched on a record that is gone',
    recordModel(people, { readsBeforeSwitch: false }),
  ),
  of('tokens do not move with a raise', 'an intent was committed after a raise', recordModel(calm, { tokens: false })),
  of('late rows are dealt with while the wave loads alone', 'dead end', recordModel(quick, { lateHandled: false }), true),
  of(
    'an effect of unknown outcome may be sent again',
    'a second create was sent while the first could stand',
    recordModel(calm, { mayCall: (status) => recordRules.mayCall(status) || status === 'unknown' }),
  ),
  of(
    'a read before the horizon may say absent',
    'a second create was sent while the first could stand',
    recordModel(calm, {
      judgeUnknown: (unknown) => {
        const said = recordRules.judgeUnknown(unknown);
        return said === 'wait' ? 'absent' : said;
      },
    }),
  ),
  of(
    'a gate opens on the votes read before it was measured',
    'a gate let through over a stop verb',
    switchModel({ opensOnWhatStands: false }),
  ),
  of('legacy does not keep the order of what it was told', 'two books are open at once', switchModel({ keepsOrders: false })),
  of(
    'an attempt that was taken back may act again',
    'legacy stays sealed though it is the book',
    switchModel({
      mayAct: (asked, standing) => switchRules.mayAct({ ...asked, attempt: standing.attempt }, standing),
      commitsFenced: false,
    }),
  ),
  of('books follow an act of an older freeze', 'legacy stays sealed though it is the book', switchModel({ commitsFenced: false })),
  of(
    'a switch is committed on a seal that another act followed',
    'two books are open at once',
    switchModel({ mayStartSwitch: (switching) => switchRules.mayStartSwitch({ ...switching, newestOrder: switching.sealOrder }) }),
  ),
  of('legacy is opened before its book is closed in the target', 'two books are open at once', switchModel({ closesBeforeThaw: false })),
  of(
    'a switch begins without a look at what stands against it',
    'a switch began over a stop verb',
    switchModel({ mayBegin: () => ({ may: true }) }),
  ),
  of(
    'an intent does not reserve its target record',
    'one target record was written for two source records',
    ownerModel({ reserves: false }),
  ),
  of(
    'a target record is given up while a call is open',
    'one target record was written for two source records',
    ownerModel({ keepsWhileOpen: false }),
  ),
  of(
    'an ambiguous effect may be sent again',
    'an ambiguous effect was sent again',
    ownerModel({ reserves: false, mayCall: (status) => recordRules.mayCall(status) || status === 'ambiguous' }),
  ),
];

export const modelCases: readonly ModelCase[] = [...sound, ...mutants];

/** What is wrong with a result: in words, or null. A mutant that breaks nothing means that the model does not see. */
export function faultOf({ breaks }: ModelCase, { whole, violations, deadEnd }: Explored): string | null {
  const found = [...Object.keys(violations), ...(deadEnd === null ? [] : ['dead end'])];
  if (breaks !== null)
    return found.includes(breaks) ? null : `"${breaks}" did not break${found.length === 0 ? '' : `; what broke: ${found.join(', ')}`}`;
  if (found.length === 0) return whole ? null : 'not every state was looked at';
  const [first = ''] = found;
  return [first, ...(violations[first] ?? deadEnd ?? [])].join('\n  ');
}
