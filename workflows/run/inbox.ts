import { setHandler } from '@temporalio/workflow';
import type { RawMessage, Recorded } from '../../contracts/activities.ts';
import { personSignals, type MessageOutcome } from '../../contracts/messages.ts';
import { emptyInbox, receive, takeMessages, type Inbox } from '../../domain/gates/inbox.ts';
import { outcomeQuery, personVerbs } from '../signals.ts';

/** Outcomes of messages kept for the query `outcome`; older ones stay in the ledger. */
const outcomesKept = 200;

/** What an inbox hands on when the run continues as new. */
export interface CarriedInbox {
  readonly inbox: Inbox;
  readonly outcomes: readonly (readonly [string, MessageOutcome])[];
  readonly carriedOut: readonly string[];
  readonly refused: number;
}

/** Outcomes that are handed on: those somebody may still ask for. */
const outcomesCarried = 50;

/** Messages of people as they came, and what became of them. Its handlers are set when it is made; none of them throws. */
export class RunInbox {
  #inbox: Inbox;
  readonly #outcomes: Map<string, MessageOutcome>;
  readonly #carriedOut: Set<string>;
  #refused: number;

  constructor(carried: CarriedInbox | null) {
    this.#inbox = carried?.inbox ?? emptyInbox;
    this.#outcomes = new Map(carried?.outcomes);
    this.#carriedOut = new Set(carried?.carriedOut);
    this.#refused = carried?.refused ?? 0;
    for (const name of personSignals) {
      const { signal, help } = personVerbs[name];
      setHandler(
        signal,
        (body) => {
          this.#inbox = receive(this.#inbox, name, body);
        },
        { description: help },
      );
    }
    setHandler(outcomeQuery, (requestId) => this.#outcomes.get(requestId) ?? this.#notJudged(requestId), {
      description: 'What became of one message, by its request id.',
    });
  }

  get isEmpty(): boolean {
    return this.#inbox.messages.length === 0;
  }

  /** Messages that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** What the next execution of the run goes on with. */
  carried(): CarriedInbox {
    const outcomes = [...this.#outcomes].slice(-outcomesCarried);
    return { inbox: this.#inbox, outcomes, carriedOut: [...this.#carriedOut].slice(-outcomesKept), refused: this.#refused };
  }

  /** Takes the oldest messages out, at most `limit`. */
  take(limit: number): readonly RawMessage[] {
    const { taken, rest } = takeMessages(this.#inbox, limit);
    this.#inbox = rest;
    return taken.map(({ signal, body }) => ({ signal, body }));
  }

  /** Notes the verdict on a message. True where it has to be carried out: the same message can come again, and is carried out once. */
  settle({ requestId, accepted, detail }: Recorded): boolean {
    this.#outcomes.set(requestId, { state: accepted ? 'accepted' : 'refused', detail });
    if (!accepted) this.#refused += 1;
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > outcomesKept && oldest !== undefined) this.#outcomes.delete(oldest);
    if (!accepted || this.#carriedOut.has(requestId)) return false;
    this.#carriedOut.add(requestId);
    return true;
  }

  #notJudged(requestId: string): MessageOutcome {
    if (this.#inbox.messages.some((message) => message.requestId === requestId)) return { state: 'pending' };
    const away = this.#inbox.turnedAway.find((message) => message.requestId === requestId);
    if (away === undefined) return { state: 'unknown' };
    return away.why === 'busy'
      ? { state: 'busy' }
      : { state: 'refused', detail: `the message was ${away.why === 'tooLarge' ? 'too large' : 'unreadable'}` };
  }
}
