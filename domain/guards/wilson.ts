/** Normal quantile of a one-sided bound at 95 %. */
const z = 1.6448536269514722;

/**
 * Lower bound, one-sided at 95 %, of a rate seen as k failures in n records (Wilson, "Probable inference, the law of succession, and
 * statistical inference", 1927); 0 where there are no failures. It is for a warning only: it is not valid under continuous looking.
 */
export function wilsonLowerBound(failures: number, records: number): number {
  if (failures === 0) return 0;
  const rate = failures / records;
  const center = rate + z ** 2 / (2 * records);
  const margin = z * Math.sqrt((rate * (1 - rate)) / records + z ** 2 / (4 * records ** 2));
  return (center - margin) / (1 + z ** 2 / records);
}
