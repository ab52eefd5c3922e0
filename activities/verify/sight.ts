import { sharedWave } from '../../contracts/messages.ts';
import type { Completeness } from '../../domain/waves/completeness.ts';
import type { ExceptionRow } from '../../ledger/exceptions.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import { stayingAccounts } from '../accounts/staying.ts';
import type { Context } from '../deps.ts';
import { onlyTry, partsOf, type Tries } from '../tries.ts';
import { youngEnough } from './compare.ts';
import { equationOf } from './equation.ts';
import { fatesOf, type Fates } from './fates.ts';
import { tableEquations } from './tables.ts';

/** Where a metric is measured: one wave attempt, or the whole run. */
export interface Place {
  readonly wave: string;
  readonly attempt: number;
  readonly whole: boolean;
}

/** Whose records are looked at, and the fate of those that are nowhere. */
interface About {
  readonly accounts: readonly string[] | null;
  readonly fates: Fates;
}

/**
 * One look at a place: what several metrics of it rest on is read once, when the first of them asks for it, and is the same for all of them. A look whose
 * worker died goes on with what its `tries` have read.
 */
export class Sight {
  readonly context: Context;
  readonly place: Place;
  #about: Promise<About> | undefined;
  #exceptions: Promise<readonly ExceptionRow[]> | undefined;
  #equations: Promise<readonly Completeness[]> | undefined;

  /** How far each part of the look is, by name. */
  readonly part: (name: string) => Tries;

  constructor(context: Context, place: Place, tries: Tries = onlyTry) {
    this.context = context;
    this.place = place;
    this.part = partsOf(tries);
  }

  /** The accounts of the wave, null over the whole run; and what stands against them and their records. */
  about(): Promise<About> {
    return (this.#about ??= this.#lookAbout());
  }

  /** The accounts are read before and behind what stands against them: one that leaves the wave meanwhile is then still in exception, or no account of it any more. */
  async #lookAbout(): Promise<About> {
    const { context, place } = this;
    if (place.whole || place.wave === sharedWave)
      return { fates: await fatesOf(context, null), accounts: place.whole ? null : await accountsOf(context, place.wave) };
    const before = await accountsOf(context, place.wave);
    const fates = await fatesOf(context, before);
    const behind = new Set(await accountsOf(context, place.wave));
    return { fates, accounts: before.filter((account) => behind.has(account)) };
  }

  /** Open exceptions of the place. */
  exceptions(): Promise<readonly ExceptionRow[]> {
    const { ledger, ref } = this.context;
    return (this.#exceptions ??= ledger.exceptions.openOf(ref.run, this.place.whole ? null : this.place.wave));
  }

  /** Whether the place is a wave of which every account stays in legacy. */
  async movesNothing(): Promise<boolean> {
    const { wave, whole } = this.place;
    if (whole || wave === sharedWave) return false;
    const { accounts } = await this.about();
    const staying = await stayingAccounts(this.context, wave);
    return accounts?.every((account) => staying.has(account)) === true;
  }

  /** The completeness equation of every object the plan moves, in the wave or (whole) in the run with its archive, and of every table they come from. */
  equations(): Promise<readonly Completeness[]> {
    return (this.#equations ??= this.#equate());
  }

  async #equate(): Promise<readonly Completeness[]> {
    const { wave, whole } = this.place;
    const objects = this.context.sys.plan.objects.filter(
      ({ mode, scope }) => mode === 'move' && (whole || (scope === 'shared') === (wave === sharedWave)),
    );
    const { fates, accounts: own } = await this.about();
    const accounts = wave === sharedWave ? null : own;
    const { from, note } = youngEnough(this.context, this.part('equations'));
    const all = JSON.parse(from?.mark['done'] ?? '[]') as Completeness[];
    for (const object of objects.slice(all.length)) {
      all.push(await equationOf(this.context, object, accounts, fates));
      await note({ done: JSON.stringify(all) });
    }
    const scope = whole ? 'all' : accounts === null ? 'shared' : { accounts };
    return [...all, ...(await tableEquations(this.context, scope))];
  }
}
