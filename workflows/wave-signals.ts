import { setHandler } from '@temporalio/workflow';
import type { Resumption } from './lanes.ts';
import { decidedSignal, heldSignal, measureSignal, resumedSignal, tellAgainSignal } from './signals.ts';

/** What the run has told a wave. */
export interface Told extends Resumption {
  held: boolean;
  /** Something was decided, or the run goes on. */
  news: boolean;
  /** The gate is to be measured again, now. */
  again: boolean;
}

/** What a wave does when it is told so. */
interface Answers {
  readonly goOn: () => Promise<void>;
  readonly tellAgain: () => Promise<void>;
}

/** Hears the signals of the run from now on, and those that came before. `told` is kept up to date. */
export function hearRun(told: Told, { goOn, tellAgain }: Answers): void {
  setHandler(
    heldSignal,
    () => {
      told.held = true;
    },
    { description: 'Sent by the run: begin no further step.' },
  );
  setHandler(
    resumedSignal,
    async () => {
      Object.assign(told, { held: false, resumed: true, news: true });
      await goOn();
    },
    { description: 'Sent by the run: go on.' },
  );
  setHandler(tellAgainSignal, tellAgain, { description: 'Sent by a run that was taken up again: say what you do.' });
  setHandler(
    measureSignal,
    () => {
      told.again = true;
    },
    { description: 'Sent by the run: measure the gate again, now.' },
  );
  setHandler(
    decidedSignal,
    () => {
      told.news = true;
    },
    { description: 'Sent by the run when a decision was recorded.' },
  );
}
