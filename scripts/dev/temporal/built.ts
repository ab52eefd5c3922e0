import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { oneAtATime } from '../one-at-a-time.ts';
import { projectRoot } from '../project.ts';
import { run } from '../run-program.ts';

/** The newest release that Go 1.26.8 builds: the one after it asks for a newer Go. */
const version = 'v1.32.1';
const server = 'go.temporal.io/server';

/** Programs of a Temporal server as it runs in production, and where its schemas are. */
export interface ServerPrograms {
  readonly server: string;
  /** Makes and updates the schemas of its databases. */
  readonly sqlTool: string;
  /** Folders `temporal/versioned` and `visibility/versioned`. */
  readonly schemas: string;
}

/** The sentence for a machine that cannot build the server; null where it has Go. */
export async function whyNotBuilt(): Promise<string | null> {
  if (existsSync(programFolder)) return null;
  return run('go', ['version']).then(
    () => null,
    () => `the Temporal server ${version} is built from its sources, and there is no Go 1.26.8 or newer on the PATH; install it`,
  );
}

const programFolder = join(projectRoot, '.dev', `temporal-server-${version}`);

/**
 * The programs of the server, built from the Go module proxy where they are not there yet: 8 to 12 minutes on two cores, once, by one process, however many
 * ask. Throws the compiler's words.
 */
export async function builtServer(): Promise<ServerPrograms> {
  if (!existsSync(programFolder)) {
    await oneAtATime(`${programFolder}.lock`, async () => {
      if (!existsSync(programFolder)) await buildInto(programFolder);
    });
  }
  return { server: join(programFolder, 'server'), sqlTool: join(programFolder, 'sql'), schemas: join(programFolder, 'schemas') };
}

async function buildInto(folder: string): Promise<void> {
  const missing = await whyNotBuilt();
  if (missing !== null) throw new Error(missing);
  process.stderr.write(`setup: building the Temporal server ${version} (8 to 12 minutes, once) ...\n`);
  const [aside, work] = [`${folder}.part`, `${folder}.work`];
  await Promise.all([aside, work].map((path) => rm(path, { recursive: true, force: true })));
  const [cache, modules] = [join(work, 'cache'), join(work, 'modules')];
  // Nothing of C, so that no compiler for it is needed; modules that may be removed again.
  const environment = { GOBIN: aside, GOCACHE: cache, GOMODCACHE: modules, CGO_ENABLED: '0' };
  const programs = ['cmd/server', 'cmd/tools/sql'].map((name) => `${server}/${name}@${version}`);
  await run('go', ['install', '-modcacherw', '-trimpath', '-ldflags=-s -w', ...programs], environment);
  const schemas = join(modules, `${server}@${version}`, 'schema', 'postgresql', 'v12');
  await cp(schemas, join(aside, 'schemas'), { recursive: true });
  await rm(work, { recursive: true, force: true });
  await rename(aside, folder);
}
