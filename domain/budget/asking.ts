/** The longest wait before a system is asked again, at first and at last (ms). */
const [firstMs, lastMs] = [60_000, 600_000];

/** A wait that nobody told the length of (ms). */
const untoldMs = 1_000;

/**
 * How long to wait (ms) before a system that takes no more calls is asked again, after it was `asked` so often in vain: no longer than it told. Calls may
 * be free earlier, so it is asked soon; a long wait must not fill the history, so each time half as soon.
 */
export function askInMs(toldMs: number | undefined, asked: number): number {
  return Math.min(toldMs ?? untoldMs, firstMs * 2 ** asked, lastMs);
}
