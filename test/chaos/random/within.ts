/** What takes longer (ms) fails as `late`; it is left to itself, and nobody hears of it again. */
export async function within<T>(ms: number, work: Promise<T>, late = 'no answer'): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${late} within ${String(ms / 1_000)} s`));
    }, ms);
  });
  try {
    return await Promise.race([work, isLate]);
  } finally {
    clearTimeout(timer);
  }
}
