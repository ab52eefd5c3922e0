const gridPoints = 64;

/**
 * The alternatives q_1 < ... < q_64 that are bet on, all above the limit and below 1, spaced evenly in their logarithm. A point at or
 * below the limit would win on perfect data, and the guard would then breach without a single failure.
 */
function gridAbove(limit: number): readonly number[] {
  return Array.from({ length: gridPoints }, (_, index) => limit ** ((gridPoints - index) / (gridPoints + 1)));
}

/** ln(e^a + e^b + ...), without overflow. */
function logSumExp(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((total, value) => total + Math.exp(value - largest), 0));
}

/**
 * Evidence that the true failure rate is above `limit`, from k failures in n records: the mixture
 * E(k,n) = sum_j w_j (q_j/L)^k ((1-q_j)/(1-L))^(n-k) with equal weights w_j = 1/64, a betting martingale for H0 "rate <= L" (Waudby-Smith
 * and Ramdas, "Estimating means of bounded random variables by betting", 2024). Reject at E >= 1/alpha: by Ville's inequality, looking
 * after every record keeps the chance of a false alarm at or below alpha. It grows by failures only, never on a success, and depends
 * on (k, n) alone. A limit of 0 is refuted by any failure, a limit of 1 by nothing. Capped at the largest finite number, so that it
 * survives JSON. Throws RangeError when k and n are not counts with k <= n, or the limit is no rate.
 */
export function eValue(failures: number, records: number, limit: number): number {
  if (!Number.isSafeInteger(failures) || !Number.isSafeInteger(records) || failures < 0 || failures > records) {
    throw new RangeError('an e-value needs whole numbers with 0 <= failures <= records');
  }
  if (!(limit >= 0 && limit <= 1)) throw new RangeError('the limit of a rate lies between 0 and 1');
  if (limit === 0) return failures === 0 ? 1 : Number.MAX_VALUE;
  if (limit === 1) return 1;
  const logs = gridAbove(limit).map(
    (q) => failures * Math.log(q / limit) + (records - failures) * (Math.log1p(-q) - Math.log1p(-limit)) - Math.log(gridPoints),
  );
  return Math.min(Math.exp(logSumExp(logs)), Number.MAX_VALUE);
}

/** The share of alpha that the j-th segment of a guard may spend (j from 1): alpha x 6 / (pi^2 j^2), which sums to alpha over all j. */
export function alphaOfSegment(alpha: number, segment: number): number {
  return (alpha * 6) / (Math.PI ** 2 * segment ** 2);
}
