import { bundlePrograms } from '../../scripts/dev/bundle-programs.ts';

/** Before the first test: the programs that tests start are put into one file each, from the sources as they are now. */
export default async function programs(): Promise<void> {
  process.env['CUTOVER_PROGRAMS'] = await bundlePrograms();
}
