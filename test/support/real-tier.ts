import { describe } from 'vitest';
import { findPython, pythonIsMissing } from '../../scripts/dev/tryton/python.ts';

const isThere = process.env['CI'] === 'true' || (await findPython()) !== null;

/** Tests against the real Tryton: skipped aloud where this machine has no Python for it, but never in CI, where its absence is a failure. */
export function describeReal(name: string, body: () => void): void {
  if (isThere) {
    describe(name, body);
    return;
  }
  // No titles are printed of a file in which every test is skipped.
  process.stderr.write(`${name}: skipped. ${pythonIsMissing}\n`);
  describe.skip(name, body);
}
