import { sharedWave } from '../../contracts/messages.ts';
import type { Completeness } from '../../domain/waves/completeness.ts';
import type { ExceptionRow } from '../../ledger/exceptions.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import type { Context } from '../deps.ts';
import { equationOf } from './equation.ts';
import { fatesOf, type Fates } from './fates.ts';
import { tableEquations } from './tables.ts';

/** Where a metric is measured: one wave attempt, or the whole run. */
export interface Place {
  readonly wave: string;
  readonly attempt: number;
  readonly whole: boolean;
}

/** One look at a place: what several metrics of it rest on is read once, when the first of them asks for it, and is the same for all of them. */
export class Sight {
  readonly context: Context;
  readonly place: Place;
  #fates: Promise<Fates> | undefined;
  #accounts: Promise<readonly string[] | null> | undefined;
  #exceptions: Promise<readonly ExceptionRow[]> | undefined;
  #equations: Promise<readonly Completeness[]> | undefined;

  constructor(context: Context, place: Place) {
    this.context = context;
    this.place = place;
  }

  /** What stands against records and accounts of the run. */
  fates(): Promise<Fates> {
    return (this.#fates ??= fatesOf(this.context));
  }

  /** The accounts of the wave; null over the whole run. Read behind the fates: one that leaves the wave meanwhile is then still in exception, or no account of it any more. */
  accounts(): Promise<readonly string[] | null> {
    return (this.#accounts ??= this.fates().then(() => (this.place.whole ? null : accountsOf(this.context, this.place.wave))));
  }

  /** Open exceptions of the place. */
  exceptions(): Promise<readonly ExceptionRow[]> {
    const { ledger, ref } = this.context;
    return (this.#exceptions ??= ledger.exceptions.openOf(ref.run, this.place.whole ? null : this.place.wave));
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
    const fates = await this.fates();
    const accounts = wave === sharedWave ? null : await this.accounts();
    const all: Completeness[] = [];
    for (const object of objects) all.push(await equationOf(this.context, object, accounts, fates));
    const scope = whole ? 'all' : accounts === null ? 'shared' : { accounts };
    return [...all, ...(await tableEquations(this.context, scope))];
  }
}
