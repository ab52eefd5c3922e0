import type { SystemPlan } from './systems.ts';

/** What an env file must and may say of a system. */
interface KnownSettings {
  readonly needed: readonly string[];
  /** Ways to log in of which exactly one is needed, with all its settings; empty where there is nothing to choose. */
  readonly logins: readonly (readonly string[])[];
  readonly optional: readonly string[];
}

/** The settings that each adapter reads; any other name would be taken and never looked at. */
export const knownSettings: Readonly<Record<SystemPlan['adapter'], KnownSettings>> = {
  sql: { needed: ['url'], logins: [], optional: [] },
  tryton: { needed: ['url', 'database', 'user', 'password'], logins: [], optional: ['commitHorizonMs'] },
  salesforce: {
    needed: ['loginUrl', 'clientId'],
    logins: [['clientSecret'], ['username', 'privateKey']],
    optional: ['audience', 'instanceUrl', 'commitHorizonMs', 'apiWindowMs', 'callsInFlight'],
  },
  archive: { needed: ['folder'], logins: [], optional: [] },
};
