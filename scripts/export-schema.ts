import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCommandTable } from './command-table.ts';
import { schemaFiles } from './json-schema.ts';

const docs = join(import.meta.dirname, '..', 'docs');

/** Writes the JSON Schemas of plan and env files, for editors, and the table of commands. */
for (const [name, text] of Object.entries(schemaFiles())) await writeFile(join(docs, 'schema', name), text);
const page = join(docs, 'cli.md');
await writeFile(page, withCommandTable(await readFile(page, 'utf8')));
