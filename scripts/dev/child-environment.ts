import { join } from 'node:path';
import { projectRoot } from './project.ts';

/**
 * The environment of a process of ours: this one's own with `more` added. The same programs start again and again; what Node has compiled once it
 * takes from a folder, which halves the time of each start.
 */
export function childEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(projectRoot, '.dev', 'compile-cache'), ...process.env, ...more };
}
