import { evenNumbers } from './chance.ts';

/** What happens to a call that a rule picks. `loseResponse` and `partial` let the system behind apply it first; the others but `slow` do not forward it. */
const actions = ['reject', 'slow', 'throttle', 'serverError', 'loseResponse', 'reset', 'partial'] as const;
type Action = (typeof actions)[number];

/** A fault on demand. All parts of `match` that are given must hold. */
export interface FaultRule {
  readonly match: { readonly method?: string; readonly pathPrefix?: string; readonly bodyIncludes?: string };
  readonly action: Action;
  /** The part of matching calls that are picked, evenly spread and the same in every run: 0.25 picks every fourth. */
  readonly share?: number;
  /** With it the share is picked by chance, the same calls of a sequence for the same seed. */
  readonly seed?: number;
  /** After so many picks the rule rests. */
  readonly times?: number;
  /** Answer of `reject`, `throttle` and `serverError`; the body goes out as given, in the vendor's own shape. */
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds a call waits before it goes on; with any action. */
  readonly delayMs?: number;
}

export interface RuleHits {
  readonly rule: FaultRule;
  /** Calls that matched, and calls that were picked. */
  readonly seen: number;
  readonly hits: number;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface RuleBook {
  add(rule: FaultRule): void;
  clear(): void;
  hits(): readonly RuleHits[];
  /** The first rule that picks this call; counts it. */
  pick(call: Call): FaultRule | null;
}

export function createRuleBook(): RuleBook {
  let entries: { rule: FaultRule; seen: number; hits: number; chance: (() => number) | null }[] = [];
  return {
    add: (rule) => entries.push({ rule, seen: 0, hits: 0, chance: rule.seed === undefined ? null : evenNumbers(rule.seed) }),
    clear: () => {
      entries = [];
    },
    hits: () => entries.map(({ rule, seen, hits }) => ({ rule, seen, hits })),
    pick: (call) => {
      for (const entry of entries) {
        if (!applies(entry.rule, call)) continue;
        entry.seen += 1;
        const share = entry.rule.share ?? 1;
        const evenly = Math.floor(entry.seen * share) > Math.floor((entry.seen - 1) * share);
        const due = entry.chance === null ? evenly : entry.chance() < share;
        if (!due || entry.hits >= (entry.rule.times ?? Infinity)) continue;
        entry.hits += 1;
        return entry.rule;
      }
      return null;
    },
  };
}

function applies({ match }: FaultRule, call: Call): boolean {
  return (
    (match.method === undefined || match.method === call.method) &&
    (match.pathPrefix === undefined || call.path.startsWith(match.pathPrefix)) &&
    (match.bodyIncludes === undefined || call.body.includes(match.bodyIncludes))
  );
}

/** A rule sent to the control port; throws with a sentence where it is none. */
export function parseRule(text: string): FaultRule {
  const rule = JSON.parse(text) as Partial<FaultRule>;
  if (typeof rule.match !== 'object') throw new Error('a rule needs "match": {method?, pathPrefix?, bodyIncludes?}');
  if (rule.action === undefined || !actions.includes(rule.action)) throw new Error(`"action" must be one of ${actions.join(', ')}`);
  if (rule.share !== undefined && !(rule.share > 0 && rule.share <= 1)) throw new Error('"share" must lie above 0 and up to 1');
  return { ...rule, match: rule.match, action: rule.action };
}
