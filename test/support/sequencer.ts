import { statSync } from 'node:fs';

/** What Jest tells of a test file. */
interface TestFile {
  readonly path: string;
}

/**
 * The longest first, so that no long file is left alone at the end with the other workers idle: the whole plan on the real Tryton, which on a fresh
 * clone is built first, by one worker alone; kills and stops, the documents and the scenarios, then what else needs Tryton. What Jest remembers of earlier
 * runs is not asked: a fresh clone knows nothing.
 */
const places = [
  'test/long/northwind',
  'test/chaos/',
  'test/docs/',
  'test/system/',
  'test/real/',
  'test/replay/',
  'test/model/',
  'test/activities/',
  'test/adapters/',
  'test/contract/',
];

/** The order of the test files: a Jest sequencer. */
export default class Sequencer {
  sort<File extends TestFile>(tests: readonly File[]): File[] {
    const rank = ({ path }: File): number => {
      const found = places.findIndex((place) => path.includes(`/${place}`));
      return found === -1 ? places.length : found;
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
