import { readFileSync } from 'node:fs';
import { serve } from '../http-server.ts';
import { announce, setting } from '../process.ts';
import type { AppSettings } from './sandbox.ts';
import { createSalesforceSandbox } from './sandbox.ts';
import type { SalesforceSeed } from './seed-data.ts';
import type { OwnUser } from './users.ts';

const prefix = 'SALESFORCE_SANDBOX';

/** The connected app of a user, by its environment variables; only the integration user may sign its claims. */
function app(user: OwnUser, name: string): AppSettings {
  const publicKey = process.env[`${name}_PUBLIC_KEY`];
  return {
    user,
    clientId: setting(`${name}_CLIENT_ID`),
    clientSecret: setting(`${name}_CLIENT_SECRET`),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}

const seedFile = process.env[`${prefix}_SEED`];
const hasAdministrator = process.env[`${prefix}_ADMIN_CLIENT_ID`] !== undefined;
const server = await serve(
  createSalesforceSandbox({
    apps: [app('cutover', prefix), app('sales', `${prefix}_SALES`), ...(hasAdministrator ? [app('admin', `${prefix}_ADMIN`)] : [])],
    seed: seedFile === undefined ? {} : (JSON.parse(readFileSync(seedFile, 'utf8')) as SalesforceSeed),
  }),
  Number(setting(`${prefix}_PORT`, '0')),
);

announce({ url: server.url }, () => server.close());
