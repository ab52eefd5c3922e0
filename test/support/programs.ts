import { bundleFile } from '../../scripts/dev/bundle-file.ts';
import { bundlePrograms } from '../../scripts/dev/bundle-programs.ts';
import { workflowBundle } from '../../workers/bundle.ts';

/**
 * Before the first test: the programs that tests start are put into one file each, and the workflows into their bundle, from the sources as they are
 * now. The workers of several test files would each make that bundle.
 */
export default async function programs(): Promise<void> {
  const [folder] = await Promise.all([bundlePrograms(), workflowBundle(await bundleFile())]);
  process.env['CUTOVER_PROGRAMS'] = folder;
}
