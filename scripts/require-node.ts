import { refusedNode } from '../contracts/node-version.ts';

// Imported first by the program: on an older Node its other modules would end it in the middle of the work, and not in words.
const refusal = refusedNode(process.version);
if (refusal !== null) {
  process.stderr.write(`${refusal}\n`);
  process.exit(1);
}
