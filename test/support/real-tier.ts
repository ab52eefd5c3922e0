import { describe } from '@jest/globals';
import { findPython, pythonIsMissing } from '../../scripts/dev/tryton/python.ts';

const isThere = process.env['CI'] === 'true' || (await findPython()) !== null;

/** Tests against the real Tryton: skipped by name where this machine has no Python for it, but never in CI, where its absence is a failure. */
export function describeReal(name: string, body: () => void): void {
  if (isThere) describe(name, body);
  else describe.skip(`${name} (skipped: ${pythonIsMissing})`, body);
}
