import { join } from 'node:path';
import { projectRoot } from './project.ts';

/**
 * The environment of a process of ours: this one's own with `more` added. Of Temporal it knows what `more` says alone: the namespace, key or profile with
 * which somebody works otherwise would lead it away from the server it belongs to. The same programs start again and again; what Node has compiled once
 * it takes from a folder, which halves the time of each start.
 */
export function childEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') || name === 'TEMPORAL_CLI_PATH');
  return {
    NODE_COMPILE_CACHE: join(projectRoot, '.dev', 'compile-cache'),
    TEMPORAL_CONFIG_FILE: join(projectRoot, '.dev', 'no-profiles.toml'),
    ...Object.fromEntries(inherited),
    ...more,
  };
}
