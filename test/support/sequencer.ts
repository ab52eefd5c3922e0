import { statSync } from 'node:fs';

/** What Jest tells of a test file. */
interface TestFile {
  readonly path: string;
}

/**
 * The longest first, so that no long file is left alone at the end with the other workers idle: kills and stops, then the whole plan on the real
 * Tryton, then the documents and the scenarios. What Jest remembers of earlier runs is not asked: a fresh clone knows nothing.
 */
const folders = [
  'test/chaos/',
  'test/real/',
  'test/docs/',
  'test/system/',
  'test/replay/',
  'test/activities/',
  'test/adapters/',
  'test/contract/',
];

/** The order of the test files: a Jest sequencer. */
export default class Sequencer {
  sort<File extends TestFile>(tests: readonly File[]): File[] {
    const rank = ({ path }: File): number => {
      const found = folders.findIndex((folder) => path.includes(`/${folder}`));
      return found === -1 ? folders.length : found;
    };
    const size = ({ path }: File): number => statSync(path).size;
    return [...tests].sort((one, other) => rank(one) - rank(other) || size(other) - size(one));
  }

  /** What failed last time comes in the same place as ever. */
  allFailedTests<File extends TestFile>(tests: readonly File[]): File[] {
    return [...tests];
  }

  shard<File extends TestFile>(tests: readonly File[], { shardIndex, shardCount }: { shardIndex: number; shardCount: number }): File[] {
    return this.sort(tests).filter((_, index) => index % shardCount === shardIndex - 1);
  }

  cacheResults(): void {
    // Nothing is remembered.
  }
}
