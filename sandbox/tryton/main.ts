import { readFileSync } from 'node:fs';
import { serve } from '../http-server.ts';
import { announce, setting } from '../process.ts';
import { createTrytonSandbox } from './sandbox.ts';
import type { TrytonSeed } from './seed-data.ts';

const seedFile = process.env['TRYTON_SANDBOX_SEED'];
const database = setting('TRYTON_SANDBOX_DATABASE', 'erp');
const server = await serve(
  createTrytonSandbox({
    database,
    passwords: {
      admin: setting('TRYTON_SANDBOX_ADMIN_PASSWORD'),
      cutover: setting('TRYTON_SANDBOX_CUTOVER_PASSWORD'),
      sales: setting('TRYTON_SANDBOX_SALES_PASSWORD'),
    },
    seed: seedFile === undefined ? {} : (JSON.parse(readFileSync(seedFile, 'utf8')) as TrytonSeed),
  }),
  Number(setting('TRYTON_SANDBOX_PORT', '0')),
);

announce({ url: server.url, database }, () => server.close());
