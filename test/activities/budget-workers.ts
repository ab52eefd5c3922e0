import { Meters } from '../../activities/budget/meters.ts';
import type { Meter, MeteredSystem } from '../../activities/budget/meter.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';

/** One worker: a ledger connection, meters and a port of its own. */
export interface Worker {
  readonly ledger: Ledger;
  readonly port: TargetPort;
}

/** Starts so many workers that call the same system by a port of their own; what they made ends with the work. */
export async function withWorkers(
  count: number,
  {
    url,
    system,
    budget,
    port,
  }: Pick<MeteredSystem, 'system' | 'budget'> & { readonly url: string; readonly port: (meter: Meter) => TargetPort },
  work: (...workers: readonly Worker[]) => Promise<void>,
): Promise<void> {
  const workers = Array.from({ length: count }, () => {
    const ledger = openLedger(url);
    const meters = new Meters(ledger);
    return { ledger, meters, port: port(meters.of({ ref: { planHash: 'plan', envHash: 'env' }, system, budget })) };
  });
  try {
    await work(...workers);
  } finally {
    for (const worker of workers) {
      await worker.port.dispose();
      await worker.meters.dispose();
      await worker.ledger.close();
    }
  }
}
