import { evenNumbers } from '../../sandbox/fault-proxy/chance.ts';

/** How a target behaves that is no ideal one. Its answers take a time that is log-normal; some records it never takes. */
export interface Trouble {
  /** The same seed draws the same. */
  readonly seed: number;
  /** The time of its answers: half take less, and one of a hundred takes more than the second (ms). */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The part of records that it refuses, each for good. */
  readonly refused: number;
  /** Of a thousand calls so many are answered with 429 and a wait of 1 s, with 503, applied without an answer, and cut off before they are applied. */
  readonly perThousand: Readonly<Record<'throttle' | 'serverError' | 'loseResponse' | 'reset', number>>;
}

/** The same trouble with so many times the faults of its calls. */
export function withFaults(trouble: Trouble, times: number): Trouble {
  const { throttle, serverError, loseResponse, reset } = trouble.perThousand;
  const perThousand = {
    throttle: times * throttle,
    serverError: times * serverError,
    loseResponse: times * loseResponse,
    reset: times * reset,
  };
  return { ...trouble, perThousand };
}

/** The quantile of the standard normal distribution below which 99 of a hundred lie. */
const z99 = 2.326_348;

/** Whether a target with this trouble refuses a record, by its key: the target and the oracle ask here. */
export function isRefused({ seed, refused }: Pick<Trouble, 'seed' | 'refused'>, key: string): boolean {
  return evenNumbers(hash(`${String(seed)} ${key.toLowerCase()}`))() < refused;
}

/** Times of answers (ms), one after the other. */
export function answerTimes({ seed, medianMs, p99Ms }: Pick<Trouble, 'seed' | 'medianMs' | 'p99Ms'>): () => number {
  const draw = evenNumbers(seed);
  const sigma = sigmaOf({ medianMs, p99Ms });
  return () => {
    // Box and Muller: two even numbers make a normal one.
    const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    return medianMs * Math.exp(sigma * normal);
  };
}

/** What an answer takes on average (ms). */
export function meanAnswerMs({ medianMs, p99Ms }: Pick<Trouble, 'medianMs' | 'p99Ms'>): number {
  return medianMs * Math.exp(sigmaOf({ medianMs, p99Ms }) ** 2 / 2);
}

function sigmaOf({ medianMs, p99Ms }: Pick<Trouble, 'medianMs' | 'p99Ms'>): number {
  return Math.log(p99Ms / medianMs) / z99;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}
