import { quickly } from '../activity-proxies.ts';
import type { Run } from '../run/state.ts';
import { enter } from '../steps.ts';

/** Freezes the configuration, not the business: fingerprint of the legacy schema, our triggers in place. */
export async function configurationFreeze(run: Run): Promise<void> {
  await enter(run, 'configurationFreeze', { step: 'fingerprint and triggers' });
  await quickly.freezeConfiguration(run.ref);
}
