import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { searchAttributes, type RunStatus, type WaitingGate } from '../../contracts/messages.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import { gateQuery, statusQuery } from '../signals.ts';

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

/** Who decides, in which role and why stays open in every command. In a code span Markdown leaves the placeholders as they are. */
const signed = '--by <you> --role <role> --reason "<why>"';

function detailsOf({ run, phase, wave, step, held, stops, waiting, rollback, refused }: RunStatus): string {
  const lines = [`- phase: ${phase}`, ...(wave === null ? [] : [`- wave: ${wave}, ${step}`])];
  if (held !== null) lines.push(`- held: ${held}`, `- next: \`cutover resume ${run} ${signed}\``);
  lines.push(...stops.map((stop) => `- stands: ${stop}`));
  if (rollback !== null) lines.push(`- rolling back ${rollback}`);
  if (waiting !== null) {
    const isDecided = waiting.shut.length === 0 && waiting.missing.length === 0;
    const forWhat =
      waiting.shut.length > 0 ? waiting.shut.join('; ') : isDecided ? 'its evidence, measured once more' : waiting.missing.join(', ');
    lines.push(`- waiting for: ${forWhat}, since ${waiting.since}`);
    const otherwise = waiting.deadline === null ? 'it goes on waiting' : `${waiting.atDeadline} at ${waiting.deadline}`;
    lines.push(`- ${isDecided ? 'everybody has decided; if it does not open' : 'if nobody decides'}: ${otherwise}`);
    const { gate, attempt, factsHash } = waiting;
    lines.push(`- next: \`cutover gate ${run} ${gate}\``);
    if (waiting.shut.length === 0 && waiting.missing.length > 0)
      lines.push(`- go: \`cutover decide ${run} go --gate ${gate} --attempt ${String(attempt)} --facts ${factsHash} ${signed}\``);
    lines.push(`- no-go: \`cutover decide ${run} no-go --gate ${gate} ${signed}\``);
  }
  if (refused > 0) lines.push(`- refused messages: ${String(refused)}`);
  return lines.join('\n');
}
