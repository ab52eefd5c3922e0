import { quickly } from '../activity-proxies.ts';
import type { Run } from '../run.ts';

/** Freezes the configuration, not the business: fingerprint of the legacy schema, our triggers in place. */
export async function configurationFreeze(run: Run): Promise<void> {
  run.show({ phase: 'configurationFreeze', step: 'fingerprint and triggers' });
  await quickly.enterPhase(run.ref, 'configurationFreeze');
  await quickly.freezeConfiguration(run.ref);
}
