import { packageOf, testedVersions } from '../../scripts/dev/postgres/versions.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { smallLog } from './in-memory.ts';
import { serve } from './serve.ts';

await serve(async () => {
  const servers = await Promise.all(
    testedVersions().map(async (version) => ({
      version,
      server: await startPostgres({ packageName: await packageOf(version), settings: smallLog }),
    })),
  );
  return {
    news: Object.fromEntries(servers.map(({ version, server }) => [version, String(server.port)])),
    stop: async () => {
      await Promise.all(servers.map(({ server }) => server.stop()));
    },
  };
});
