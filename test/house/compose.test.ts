import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { searchAttributes } from '../../contracts/messages.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly restart: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const serving = services.filter(([, { restart }]) => restart === 'unless-stopped').map(([name]) => name);
const jobs = services.filter(([, { restart }]) => restart === 'no').map(([name]) => name);
const dockerfile = read('Dockerfile');
const required = /^\$\{[A-Z_]+:\?[^}]+\}$/;

describe('docker-compose.yml', () => {
  test('runs PostgreSQL, Temporal with its UI and the worker, and prepares them with jobs that end', () => {
    expect(serving.toSorted()).toEqual(['postgres', 'temporal', 'temporal-ui', 'worker']);
    expect(jobs.toSorted()).toEqual(['ledger-schema', 'temporal-namespace', 'temporal-schema']);
    expect(services).toHaveLength(serving.length + jobs.length);
  });

  test('pins every image to a whole version', () => {
    const images = [...services.map(([, { image }]) => image), ...Array.from(dockerfile.matchAll(/^FROM (\S+)/gm), ([, image]) => image)];
    for (const image of images) expect(image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?$/);
  });

  test('takes the schema tool of the same version as the server, and Node of the version the project pins', () => {
    const versionOf = (service: string): string | undefined => compose.services[service]?.image.split(':')[1];
    expect(versionOf('temporal-schema')).toBe(versionOf('temporal'));
    expect(versionOf('temporal-namespace')).toBe(versionOf('temporal'));
    const { devDependencies, version } = JSON.parse(read('package.json')) as {
      readonly devDependencies: { readonly node: string };
      readonly version: string;
    };
    for (const [, node] of dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)) expect(node).toBe(devDependencies.node);
    expect(versionOf('worker')).toBe(version);
  });

  test.each(serving)('asks %s for its health', (name) => {
    expect(compose.services[name]?.healthcheck?.test.length).toBeGreaterThan(1);
  });

  test('waits for what serves to be healthy and for what prepares to have succeeded', () => {
    const waits = services.flatMap(([name, { depends_on: on = {} }]) =>
      Object.entries(on).map(([other, { condition }]) => ({ name, other, condition })),
    );
    for (const { name, other, condition } of waits) {
      expect({ name, other, condition }).toEqual({
        name,
        other,
        condition: serving.includes(other) ? 'service_healthy' : 'service_completed_successfully',
      });
    }
    for (const job of jobs) expect(waits.map(({ other }) => other)).toContain(job);
    expect(Object.keys(compose.services['worker']?.depends_on ?? {}).toSorted()).toEqual(['ledger-schema', 'temporal-namespace']);
  });

  test('holds no secret: passwords come from the environment, and a missing one stops the start', () => {
    const values = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secret = values.filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN|_KEY$/.test(name));
    expect(secret.length).toBeGreaterThan(4);
    for (const [, value] of secret) expect(value).toMatch(required);
    const inAddresses = values.flatMap(([, value]) => /:\/\/[^:/@]+:(\$\{[^}]*\}|[^@]*)@/.exec(value)?.[1] ?? []);
    expect(inAddresses).toHaveLength(2);
    for (const password of inAddresses) expect(password).toMatch(required);
  });

  test('shows its ports to this machine only, and keeps its data in named volumes', () => {
    for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const source of services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))) {
      if (source.startsWith('./')) expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  test('gives the worker what it reads, and the rights to change the schema to the migrating job alone', () => {
    const settings = Array.from(read('workers/main.ts').matchAll(/(?:process\.env\[|variable\()'([A-Z_]+)'/g), ([, name]) => name ?? '');
    expect(settings).toContain('CUTOVER_LEDGER_URL');
    // Set elsewhere or never: migrations are a job of their own, the bundle is made at each start, and test points belong to tests.
    const elsewhere = ['CUTOVER_LEDGER_ADMIN_URL', 'CUTOVER_BUNDLE', 'CUTOVER_TEST_POINT'];
    const given = Object.keys(compose.services['worker']?.environment ?? {});
    expect(given).toEqual(expect.arrayContaining(settings.filter((name) => !elsewhere.includes(name))));
    expect(given).toEqual(expect.arrayContaining(['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']));
    for (const name of elsewhere) expect(given).not.toContain(name);
    expect(Object.keys(compose.services['ledger-schema']?.environment ?? {})).toEqual(['CUTOVER_LEDGER_ADMIN_URL']);
    expect(compose.services['worker']?.env_file?.[0]).toMatch(required);
  });

  test('registers every search attribute that the workflows set', () => {
    const named = /^attributes='([^']+)'$/m.exec(read('docker/temporal/namespace.sh'))?.[1]?.split(' ');
    expect(named?.toSorted()).toEqual(Object.values(searchAttributes).toSorted());
  });
});

describe('Dockerfile', () => {
  const copied = Array.from(dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, sources]) => sources?.split(' ') ?? []).flat();

  test('copies files that exist and that .dockerignore lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(copied.length).toBeGreaterThan(10);
    for (const source of copied) {
      expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
      expect(letThrough).toContain(source);
    }
  });

  test('copies every room that is built', () => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { readonly include: readonly string[] };
    expect(copied).toEqual(expect.arrayContaining([...new Set(include.map((pattern) => pattern.split('/')[0] ?? ''))]));
  });

  test('runs as a user without rights, in a C library that the native bridge of Temporal is built for', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).not.toMatch(/alpine/);
  });
});
