import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleProgram } from './bundle-programs.ts';
import { projectRoot } from './project.ts';

/**
 * The published command: what Node has compiled is kept, which halves the CPU of a start; in a folder of the user's own, because whoever can write
 * there decides what runs.
 */
const launcher = `#!/usr/bin/env node
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { join } = require('node:path');
if (enableCompileCache !== undefined) enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cutover'));
require('./program.cjs');
`;

/** Puts the command line with all it imports into two files of `bin`: `cutover.cjs`, which is what people call, and what that loads. */
const bin = join(resolve(process.argv[2] ?? join(projectRoot, 'dist')), 'bin');
await bundleProgram('scripts/cutover.ts', bin, 'program.cjs');
const command = join(bin, 'cutover.cjs');
await writeFile(command, launcher);
await chmod(command, 0o755);
