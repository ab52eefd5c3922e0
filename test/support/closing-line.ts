import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Prints the one closing line that CI reads, after all else. A file that could not start and an error outside of all tests count as failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap(({ children }) => [...children.allTests()].map((test) => test.result().state));
    const count = (...wanted: readonly string[]): number => states.filter((state) => wanted.includes(state)).length;
    const failed = count('failed') + modules.filter(isBroken).length + errors.length;
    process.once('exit', (code) => {
      // Where no test failed, the static checks or the coverage of the domain did.
      const all = failed === 0 && code !== 0 ? 1 : failed;
      writeSync(1, `${String(count('passed'))} passed, ${String(all)} failed, ${String(count('skipped', 'pending'))} skipped\n`);
    });
  }
}

function isBroken(module: TestModule): boolean {
  return [module, ...module.children.allSuites()].some((part) => part.errors().length > 0);
}
