import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Breach, RunSetup } from '../contracts/activities.ts';
import {
  personSignals,
  searchAttributes,
  type MessageOutcome,
  type PersonSignal,
  type RunRef,
  type RunStatus,
  type WaitingGate,
} from '../contracts/messages.ts';
import { emptyInbox, receive, type Inbox } from '../domain/gates/inbox.ts';
import type { Phase } from '../domain/plan/phases.ts';
import type { RollbackEnd } from './rollback.ts';
import {
  breachedSignal,
  decideSignal,
  gateQuery,
  holdSignal,
  outcomeQuery,
  progressSignal,
  resumeSignal,
  rollbackSignal,
  statusQuery,
} from './signals.ts';

/** A rollback somebody (or a guard) asked for. */
export interface RollbackOrder {
  readonly requestId: string;
  /** `run` or a wave. */
  readonly scope: string;
  readonly reason: string;
}

const keys = {
  phase: defineSearchAttributeKey(searchAttributes.phase, 'KEYWORD'),
  wave: defineSearchAttributeKey(searchAttributes.wave, 'KEYWORD'),
  gate: defineSearchAttributeKey(searchAttributes.gate, 'KEYWORD'),
  health: defineSearchAttributeKey(searchAttributes.health, 'KEYWORD'),
};

/** Outcomes of messages kept for the query `outcome`; older ones stay in the ledger. */
const outcomesKept = 200;

const signalHelp: Readonly<Record<PersonSignal, string>> = {
  decide: 'Go or no-go at the open gate. Send it with: cutover decide <run> go|no-go --by <person> --role <role> --reason "..."',
  hold: 'Stop beginning new writes until resume. Send it with: cutover hold <run> --by <person> --role <role> --reason "..."',
  resume: 'Lift the hold and answer open breaches. Send it with: cutover resume <run> --by <person> --role <role> --reason "..."',
  rollback:
    'Take a wave or the whole run back. Send it with: cutover rollback <run> --scope run|<wave> --by <person> --role <role> --reason "..."',
};

/** The state of a run as its workflow knows it: summaries only. Handlers are set in the constructor, before anything is awaited; none of them throws. */
export class Run {
  readonly ref: RunRef;
  setup: RunSetup | null = null;
  inbox: Inbox = emptyInbox;
  readonly breaches: Breach[] = [];
  phase: Phase = 'preflight';
  step = 'starting';
  wave: string | null = null;
  /** Workflow id of the child that works on the present wave. */
  child: string | null = null;
  held: string | null = null;
  waiting: WaitingGate | null = null;
  order: RollbackOrder | null = null;
  news = false;
  end: string | null = null;
  refused = 0;
  readonly attempts = new Map<string, number>();
  readonly switched = new Set<string>();
  /** Waves taken back while nothing worked on them: the retry gate has yet to decide about them. */
  readonly toRetry = new Set<string>();
  /** Rollbacks under way, by wave. */
  readonly backs = new Map<string, Promise<RollbackEnd>>();
  readonly #outcomes = new Map<string, MessageOutcome>();
  readonly #carriedOut = new Set<string>();

  constructor(ref: RunRef) {
    this.ref = ref;
    const definitions = { decide: decideSignal, hold: holdSignal, resume: resumeSignal, rollback: rollbackSignal };
    for (const name of personSignals)
      setHandler(
        definitions[name],
        (body) => {
          this.#receive(name, body);
        },
        { description: signalHelp[name] },
      );
    setHandler(
      breachedSignal,
      (breaches) => {
        this.breaches.push(...breaches);
      },
      { description: 'Sent by the watcher: breaches nobody has answered.' },
    );
    setHandler(
      progressSignal,
      ({ wave, step, waiting }) => {
        this.show({ wave, step, waiting });
      },
      { description: 'Sent by a wave: what it does, and the gate it waits at.' },
    );
    setHandler(statusQuery, () => this.#status(), { description: 'Where the run stands, in one object.' });
    setHandler(gateQuery, () => this.waiting, { description: 'The gate that waits, with its facts hash; null when none does.' });
    setHandler(outcomeQuery, (requestId) => this.#outcomes.get(requestId) ?? this.#turnedAway(requestId), {
      description: 'What became of one message, by its request id.',
    });
  }

  /** Numbered attempt a wave is in. */
  attempt(wave: string): number {
    return this.attempts.get(wave) ?? 1;
  }

  /** True the first time it is asked of an accepted message: the same message can come again, and is carried out once. */
  isFirst(requestId: string): boolean {
    if (this.#carriedOut.has(requestId)) return false;
    this.#carriedOut.add(requestId);
    return true;
  }

  settle(requestId: string, outcome: MessageOutcome): void {
    this.#outcomes.set(requestId, outcome);
    if (outcome.state === 'refused') this.refused += 1;
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > outcomesKept && oldest !== undefined) this.#outcomes.delete(oldest);
    this.show({});
  }

  /** Updates what people see: search attributes on transitions, and the current details. */
  show(change: {
    readonly phase?: Phase;
    readonly wave?: string | null;
    readonly step?: string;
    readonly waiting?: WaitingGate | null;
  }): void {
    const before = [this.phase, this.wave, this.waiting?.gate ?? null, this.#health()].join();
    if (change.phase !== undefined) this.phase = change.phase;
    if (change.wave !== undefined) this.wave = change.wave;
    if (change.step !== undefined) this.step = change.step;
    if (change.waiting !== undefined) this.waiting = change.waiting;
    if (before !== [this.phase, this.wave, this.waiting?.gate ?? null, this.#health()].join()) {
      upsertSearchAttributes([
        { key: keys.phase, value: this.phase },
        { key: keys.wave, value: this.wave },
        { key: keys.gate, value: this.waiting?.gate ?? null },
        { key: keys.health, value: this.#health() },
      ]);
    }
    setCurrentDetails(this.#details());
  }

  #health(): string {
    if (this.order !== null) return 'rollingBack';
    return this.held !== null ? 'held' : this.waiting !== null ? 'waiting' : 'running';
  }

  #receive(signal: PersonSignal, body: unknown): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.inbox = receive(this.inbox, envelope(signal, text));
  }

  #turnedAway(requestId: string): MessageOutcome {
    if (this.inbox.messages.some((message) => message.requestId === requestId)) return { state: 'pending' };
    const away = this.inbox.turnedAway.find((message) => message.requestId === requestId);
    if (away === undefined) return { state: 'unknown' };
    return away.why === 'busy'
      ? { state: 'busy' }
      : { state: 'refused', detail: `the message was ${away.why === 'tooLarge' ? 'too large' : 'unreadable'}` };
  }

  #status(): RunStatus {
    const { ref, phase, step, wave, held, waiting, order, refused, end } = this;
    return {
      run: ref.run,
      phase,
      step,
      wave,
      held,
      waiting,
      rollback: order === null ? null : `${order.scope}: ${order.reason}`,
      refused,
      end,
    };
  }

  #details(): string {
    const { waiting } = this;
    const lines = [`- phase: ${this.phase}`, ...(this.wave === null ? [] : [`- wave: ${this.wave}, ${this.step}`])];
    if (this.held !== null)
      lines.push(`- held: ${this.held}`, `- next: cutover resume ${this.ref.run} --by <person> --role <role> --reason "..."`);
    if (this.order !== null) lines.push(`- rolling back ${this.order.scope}: ${this.order.reason}`);
    if (waiting !== null) {
      lines.push(
        `- waiting for: ${waiting.shut.length > 0 ? waiting.shut.join('; ') : waiting.missing.join(', ')}, since ${waiting.since}`,
      );
      lines.push(
        `- if nobody decides: ${waiting.deadline === null ? 'it goes on waiting' : `${waiting.atDeadline} at ${waiting.deadline}`}`,
      );
      lines.push(`- next: cutover gate ${this.ref.run} ${waiting.gate}`);
    }
    if (this.refused > 0) lines.push(`- refused messages: ${String(this.refused)}`);
    return lines.join('\n');
  }
}

/** The message with the signal that carried it; a text that is no JSON object is kept as it is, to be refused with a reason. */
function envelope(signal: PersonSignal, text: string): unknown {
  const labels = { requestId: field(text, 'requestId'), by: field(text, 'by'), verb: signal === 'decide' ? field(text, 'verb') : signal };
  return { ...labels, signal, text };
}

function field(text: string, name: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (Reflect.get(parsed, name) as unknown) : null;
  } catch {
    return null;
  }
}
