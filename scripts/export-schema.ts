import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaFiles } from './json-schema.ts';

/** Writes the JSON Schemas of plan and env files, for editors. */
for (const [name, text] of Object.entries(schemaFiles())) await writeFile(join(import.meta.dirname, '..', 'docs', 'schema', name), text);
