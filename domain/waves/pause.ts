/** The pause never grows beyond so many times the first one. */
const mostTimes = 32;

/** Ms to wait before the next attempt of a wave that was tried `tried` times: `firstMs` after the first, twice as long each time. */
export function pauseBeforeAttempt(firstMs: number, tried: number): number {
  return firstMs * Math.min(mostTimes, 2 ** Math.max(0, tried - 1));
}
