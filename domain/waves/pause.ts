/** The pause never grows beyond so many times the first one. */
const mostTimes = 32;

/** Why a run is held whose wave was tried as often as the plan allows, and what can be done. */
export function triedOutText(run: string, wave: string, tried: number): string {
  return `wave ${wave} has been tried ${tried === 1 ? 'once' : `${String(tried)} times`}, as often as maxAttempts of the retry gates allows; mend the cause for which it was taken back, then a resume allows one attempt more; or take the whole run back: cutover rollback ${run} --scope run`;
}

/** Ms to wait before the next attempt of a wave that was tried `tried` times: `firstMs` after the first, twice as long each time. */
export function pauseBeforeAttempt(firstMs: number, tried: number): number {
  return firstMs * Math.min(mostTimes, 2 ** Math.max(0, tried - 1));
}
