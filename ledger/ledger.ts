import { Acts } from './acts.ts';
import { Budgets } from './budgets.ts';
import { Calls } from './calls.ts';
import { Clocks } from './clocks.ts';
import { Comparisons } from './comparisons.ts';
import { Crosswalk } from './crosswalk.ts';
import { openDatabase, type Connecting } from './database.ts';
import { Decisions } from './decisions.ts';
import { Effects } from './effects.ts';
import { Exceptions } from './exceptions.ts';
import { Freezes } from './freezes.ts';
import { FrozenTimes } from './frozen-times.ts';
import { Gates } from './gates.ts';
import { GoingBack } from './going-back.ts';
import { Guards } from './guards.ts';
import { Holds } from './holds.ts';
import { Joining } from './joining.ts';
import { Lanes } from './lanes.ts';
import { Late } from './late.ts';
import { Marks } from './marks.ts';
import { Measurements } from './measurements.ts';
import { NewBusiness } from './new-business.ts';
import { Owners } from './owners.ts';
import { Pauses } from './pauses.ts';
import { Places } from './places.ts';
import { Records } from './records.ts';
import { Runs } from './runs.ts';
import { Stagings } from './stagings.ts';
import { Steps } from './steps.ts';
import { Switches } from './switches.ts';
import { Trail } from './trail.ts';
import { Undoing } from './undoing.ts';
import { Waves } from './waves.ts';

/** The runner's books, one part for each group of tables. */
export interface Ledger {
  readonly acts: Acts;
  readonly budgets: Budgets;
  readonly pauses: Pauses;
  readonly freezes: Freezes;
  readonly frozenTimes: FrozenTimes;
  readonly stagings: Stagings;
  readonly undoing: Undoing;
  readonly switches: Switches;
  readonly runs: Runs;
  readonly waves: Waves;
  readonly joining: Joining;
  readonly lanes: Lanes;
  readonly records: Records;
  readonly crosswalk: Crosswalk;
  readonly owners: Owners;
  readonly effects: Effects;
  readonly calls: Calls;
  readonly clocks: Clocks;
  readonly late: Late;
  readonly exceptions: Exceptions;
  readonly gates: Gates;
  readonly decisions: Decisions;
  readonly guards: Guards;
  readonly holds: Holds;
  readonly marks: Marks;
  readonly measurements: Measurements;
  readonly comparisons: Comparisons;
  readonly goingBack: GoingBack;
  readonly newBusiness: NewBusiness;
  readonly places: Places;
  readonly steps: Steps;
  readonly trail: Trail;
  close(): Promise<void>;
}

/** Opens the ledger at a PostgreSQL address; nothing is connected before the first query. */
export function openLedger(url: string, connecting?: Connecting): Ledger {
  const db = openDatabase(url, connecting);
  return {
    acts: new Acts(db),
    budgets: new Budgets(db),
    pauses: new Pauses(db, url),
    freezes: new Freezes(db),
    frozenTimes: new FrozenTimes(db),
    stagings: new Stagings(db),
    undoing: new Undoing(db),
    switches: new Switches(db),
    runs: new Runs(db),
    waves: new Waves(db),
    joining: new Joining(db),
    lanes: new Lanes(db),
    records: new Records(db),
    crosswalk: new Crosswalk(db),
    owners: new Owners(db),
    effects: new Effects(db),
    calls: new Calls(db),
    clocks: new Clocks(db),
    late: new Late(db),
    exceptions: new Exceptions(db),
    gates: new Gates(db),
    decisions: new Decisions(db),
    guards: new Guards(db),
    holds: new Holds(db),
    marks: new Marks(db),
    measurements: new Measurements(db),
    comparisons: new Comparisons(db),
    goingBack: new GoingBack(db),
    newBusiness: new NewBusiness(db),
    places: new Places(db),
    steps: new Steps(db),
    trail: new Trail(db),
    close: () => db.destroy(),
  };
}
