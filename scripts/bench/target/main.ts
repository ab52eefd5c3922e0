import { serve } from '../../../sandbox/http-server.ts';
import { announce, setting } from '../../../sandbox/process.ts';
import type { Quota } from '../sizes.ts';
import type { Trouble } from '../trouble.ts';
import { Organization } from './organization.ts';

const organization = new Organization(
  { clientId: setting('BENCH_CLIENT_ID'), clientSecret: setting('BENCH_CLIENT_SECRET') },
  Number(setting('BENCH_ANSWER_MS')),
  JSON.parse(setting('BENCH_QUOTA')) as Quota | null,
  JSON.parse(setting('BENCH_TROUBLE')) as Trouble | null,
);
const server = await serve((request) => organization.answer(request), 0);

announce({ url: server.url, pid: String(process.pid) }, () => server.close());
