import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The longest first, so that no long file is left alone at the end with the other workers idle: kills and stops, the documents and the scenarios. Of
 * the long ones first those on the real Tryton, which on a fresh clone is built before. What is remembered of earlier runs is not asked: a fresh clone knows nothing.
 */
const places = [
  'test/long/northwind',
  'test/long/tryton',
  'test/chaos/',
  'test/docs/',
  'test/system/',
  'test/replay/',
  'test/model/',
  'test/activities/',
  'test/adapters/',
  'test/contract/',
];

/** The order of the test files. */
export default class Sequencer extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = places.findIndex((place) => moduleId.includes(`/${place}`));
      return found === -1 ? places.length : found;
    };
    // A worker ends with the last file of its project.
    const tier = ({ project }: TestSpecification): number => (project.name === 'unit' ? 1 : 0);
    const size = ({ moduleId }: TestSpecification): number => statSync(moduleId).size;
    return Promise.resolve([...files].sort((one, other) => tier(one) - tier(other) || rank(one) - rank(other) || size(other) - size(one)));
  }
}
