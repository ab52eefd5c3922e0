/** What a rollback from this moment would have to do, counted in the ledger, and what bounds it. */
export interface PriceInput {
  readonly effectsToUndo: number;
  /** Documents that stay behind in an end state because the system lets nobody take them back. */
  readonly documentsThatRemain: number;
  /** Orders entered in the new system since the switch, to be entered in the old one again; null where nobody has counted them yet. */
  readonly ordersToRekey: number | null;
  /** When they were counted there (milliseconds, UTC); null where nothing was switched, so that there was nothing to count. */
  readonly ordersCountedMs: number | null;
  /** The plan's own rate. */
  readonly minutesPerHundredEffects: number;
  /** Calls of the reserve that only rollback may use; null where the system sets no limit. */
  readonly callsReserved: number | null;
  /** Now, and the end of the window in which going back must be finished (milliseconds, UTC); null where there is no such end. */
  readonly nowMs: number;
  readonly windowEndsMs: number | null;
}

/** The price of going back, always current. */
export interface Price {
  readonly effectsToUndo: number;
  readonly documentsThatRemain: number;
  readonly ordersToRekey: number | null;
  readonly ordersCountedMs: number | null;
  readonly minutes: number;
  readonly calls: number;
  readonly callsReserved: number | null;
  /** The last instant at which a rollback can still be decided and finish in time (milliseconds, UTC). */
  readonly latestSafeMs: number | null;
  /** False once that instant has passed or the calls do not suffice: from then on it is fix forward only. */
  readonly possible: boolean;
  readonly sentence: string;
}

function counted(count: number, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

function limitSentence(price: Omit<Price, 'sentence'>): string {
  if (price.callsReserved !== null && price.calls > price.callsReserved) {
    return `It needs ${String(price.calls)} API calls and only ${String(price.callsReserved)} are reserved: fix forward only.`;
  }
  if (price.latestSafeMs === null) return 'No deadline bounds it.';
  const instant = new Date(price.latestSafeMs).toISOString();
  return price.possible ? `It can be decided until ${instant}.` : `It could be decided until ${instant}: fix forward only.`;
}

/** One read and one write for each effect. */
const callsPerEffect = 2;

function ordersText({ ordersToRekey, ordersCountedMs }: PriceInput): string {
  if (ordersToRekey === null) return 'and asks people to enter again what came in since the switch, which nobody has counted yet';
  const at = ordersCountedMs === null ? '' : ` (counted at ${new Date(ordersCountedMs).toISOString()})`;
  return `and asks people to enter ${counted(ordersToRekey, 'order', 'orders')} again${at}`;
}

/** Works out the price; minutes are rounded up, so that the price is never told too low. */
export function priceOfGoingBack(input: PriceInput): Price {
  const { effectsToUndo, documentsThatRemain, ordersToRekey, ordersCountedMs, callsReserved, nowMs, windowEndsMs } = input;
  const minutes = Math.ceil((effectsToUndo * input.minutesPerHundredEffects) / 100);
  const calls = effectsToUndo * callsPerEffect;
  const latestSafeMs = windowEndsMs === null ? null : windowEndsMs - minutes * 60_000;
  const possible = (latestSafeMs === null || nowMs <= latestSafeMs) && (callsReserved === null || calls <= callsReserved);
  const price = {
    effectsToUndo,
    documentsThatRemain,
    ordersToRekey,
    ordersCountedMs,
    minutes,
    calls,
    callsReserved,
    latestSafeMs,
    possible,
  };
  const cost = [
    `Going back undoes ${counted(effectsToUndo, 'effect', 'effects')} in about ${counted(minutes, 'minute', 'minutes')} at the planned rate`,
    `leaves ${counted(documentsThatRemain, 'document', 'documents')} behind`,
    ordersText(input),
  ].join(', ');
  return { ...price, sentence: `${cost}. ${limitSentence(price)}` };
}
