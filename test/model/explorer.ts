/** One step of a model: its name for people, whether it is a fault of the world, and the state it leads to. */
export interface Step<S> {
  readonly name: string;
  /** `progress`: a healthy process or a system moves. `sleeper`: a process whose claim is void moves. `fault`: crash, hold, a person. */
  readonly kind: 'progress' | 'sleeper' | 'fault';
  readonly state: S;
}

/** A protocol as a machine of states; `key` tells two states apart, and equal keys are one state. */
export interface Model<S> {
  readonly initial: S;
  key(state: S): string;
  next(state: S, take: (step: Step<S>) => void): void;
  /** What must hold in every state, by name: true where it is broken. */
  readonly broken: Readonly<Record<string, (state: S) => boolean>>;
  /** A state in which nothing moves any more; every state must be able to come to one without a fault. */
  isQuiet?(state: S): boolean;
}

/** What an exploration found. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** False where it was ended early. */
  readonly whole: boolean;
  /** Of every invariant that broke, the shortest way there. */
  readonly violations: Readonly<Record<string, readonly string[]>>;
  /** The shortest way to a state from which no quiet one can be reached without a fault; null where there is none. */
  readonly deadEnd: readonly string[] | null;
}

interface Seen<S> {
  readonly states: S[];
  readonly parents: number[];
  readonly names: string[];
}

/** The names of the steps from the first state to this one. */
function wayTo<S>({ parents, names }: Seen<S>, id: number): readonly string[] {
  const way: string[] = [];
  for (let at = id; (parents[at] ?? -1) >= 0; at = parents[at] ?? -1) way.unshift(names[at] ?? '');
  return way;
}

/**
 * Looks at every state that can be reached, breadth first, so that the first way found to a broken one is the shortest. With `until` it ends where
 * that invariant broke; the result is then not whole.
 */
export function explore<S>(model: Model<S>, until: string | null = null, limit = 10_000_000): Explored {
  const seen: Seen<S> = { states: [], parents: [], names: [] };
  const ids = new Map<string, number>();
  const depths: number[] = [];
  const calm: Arrows = { from: [], to: [] };
  const hits = new Map<string, number>();
  let steps = 0;
  const enter = (state: S, parent: number, name: string): number => {
    const key = model.key(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = seen.states.length;
    ids.set(key, id);
    seen.states.push(state);
    seen.parents.push(parent);
    seen.names.push(name);
    depths.push(parent < 0 ? 0 : (depths[parent] ?? 0) + 1);
    return id;
  };
  enter(model.initial, -1, '');
  const isOver = (): boolean => seen.states.length > limit || (until !== null && hits.has(until));
  for (let id = 0; id < seen.states.length && !isOver(); id += 1) {
    const state = seen.states[id] as S;
    for (const [name, isBroken] of Object.entries(model.broken)) if (!hits.has(name) && isBroken(state)) hits.set(name, id);
    model.next(state, ({ name, kind, state: to }) => {
      steps += 1;
      const target = enter(to, id, name);
      if (model.isQuiet !== undefined && kind !== 'fault') {
        calm.from.push(id);
        calm.to.push(target);
      }
    });
  }
  const whole = !isOver();
  const stuck = whole && model.isQuiet !== undefined ? firstStuck(seen.states, calm, (state) => model.isQuiet?.(state) === true) : null;
  return {
    states: seen.states.length,
    steps,
    depth: depths.reduce((most, depth) => Math.max(most, depth), 0),
    whole,
    violations: Object.fromEntries([...hits].map(([name, id]) => [name, wayTo(seen, id)])),
    deadEnd: stuck === null ? null : wayTo(seen, stuck),
  };
}

/** Steps by the numbers of the two states; two lists, because there are millions of them. */
interface Arrows {
  readonly from: number[];
  readonly to: number[];
}

/** The first state from which no goal can be reached over these steps; null where every state can reach one. */
function firstStuck<S>(states: readonly S[], steps: Arrows, isGoal: (state: S) => boolean): number | null {
  const into = new Int32Array(states.length + 1);
  for (const to of steps.to) into[to + 1] = (into[to + 1] ?? 0) + 1;
  for (let id = 0; id < states.length; id += 1) into[id + 1] = (into[id + 1] ?? 0) + (into[id] ?? 0);
  const from = new Int32Array(steps.to.length);
  const fill = into.slice();
  for (const [index, to] of steps.to.entries()) {
    const place = fill[to] ?? 0;
    from[place] = steps.from[index] ?? 0;
    fill[to] = place + 1;
  }
  const reached = new Uint8Array(states.length);
  const todo: number[] = [];
  for (const [id, state] of states.entries())
    if (isGoal(state)) {
      reached[id] = 1;
      todo.push(id);
    }
  for (let id = todo.pop(); id !== undefined; id = todo.pop())
    for (let place = into[id] ?? 0; place < (into[id + 1] ?? 0); place += 1) {
      const source = from[place] ?? 0;
      if (reached[source] === 1) continue;
      reached[source] = 1;
      todo.push(source);
    }
  const stuck = reached.indexOf(0);
  return stuck < 0 ? null : stuck;
}
