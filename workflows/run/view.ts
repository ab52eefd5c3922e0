import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { searchAttributes, type RunStatus, type WaitingGate } from '../../contracts/messages.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import { gateQuery, statusQuery } from '../signals.ts';
import { detailsOf } from './details.ts';

const keys = {
  phase: defineSearchAttributeKey(searchAttributes.phase, 'KEYWORD'),
  wave: defineSearchAttributeKey(searchAttributes.wave, 'KEYWORD'),
  gate: defineSearchAttributeKey(searchAttributes.gate, 'KEYWORD'),
  health: defineSearchAttributeKey(searchAttributes.health, 'KEYWORD'),
};

/** What a step of the run changes of what people see. */
export interface Shown {
  readonly phase?: Phase;
  readonly wave?: string | null;
  readonly step?: string;
  readonly waiting?: WaitingGate | null;
}

/** What people see of a run: two queries, search attributes on transitions, and the current details. */
export class RunView {
  readonly #status: () => RunStatus;
  #attributes = '';

  /** The handlers of its queries are set here, before anything is awaited. */
  constructor(status: () => RunStatus) {
    this.#status = status;
    setHandler(statusQuery, status, { description: 'Where the run stands, in one object.' });
    setHandler(gateQuery, () => status().waiting, {
      description: 'The gate that waits, with its facts hash; null when none does.',
    });
  }

  /** Shows the run as it stands now. */
  refresh(): void {
    const status = this.#status();
    const shown = { phase: status.phase, wave: status.wave, gate: status.waiting?.gate ?? null, health: healthOf(status) };
    const attributes = JSON.stringify(shown);
    if (attributes !== this.#attributes)
      upsertSearchAttributes([
        { key: keys.phase, value: shown.phase },
        { key: keys.wave, value: shown.wave },
        { key: keys.gate, value: shown.gate },
        { key: keys.health, value: shown.health },
      ]);
    this.#attributes = attributes;
    setCurrentDetails(detailsOf(status));
  }
}

function healthOf({ rollback, held, waiting }: RunStatus): string {
  if (rollback !== null) return 'rollingBack';
  return held !== null ? 'held' : waiting !== null ? 'waiting' : 'running';
}
