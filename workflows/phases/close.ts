import { quickly } from '../activity-proxies.ts';
import type { Run } from '../run.ts';
import { gate } from '../steps.ts';

/** The last gate; its go signs off what is open. False where it was not given: hypercare goes on. */
export async function close(run: Run): Promise<boolean> {
  run.show({ phase: 'close', step: 'last gate' });
  await quickly.enterPhase(run.ref, 'close');
  return (await gate(run, 'close')) === 'go';
}
