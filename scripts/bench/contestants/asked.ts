import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePrograms } from '../../dev/bundle-programs.ts';
import { asAccounts } from '../kinds.ts';
import { endedSeconds } from '../measure/processes.ts';
import type { Run } from './contestant.ts';
import { load } from './cutover.ts';
import { product, type Play } from './product.ts';

/** A run that waits at its first gate and is asked by people. */
export const asked = product('asked', asAccounts, ask);

/** Pairs of orders: each hold is followed by its resume. */
const pairs = 50;
/** How often the command line is asked for the status. */
const looks = 5;

async function ask(play: Play): Promise<Run> {
  const loaded = await load(play);
  const { done, measured } = await play.clocked(async () => {
    const began = Date.now();
    const waits: number[] = [];
    for (let pair = 0; pair < pairs; pair += 1) waits.push(await play.run.timed('hold'), await play.run.timed('release'));
    return { waits: waits.toSorted((a, b) => a - b), seconds: (Date.now() - began) / 1_000 };
  });
  const at = (share: number): number => done.waits[Math.ceil(done.waits.length * share) - 1] ?? 0;
  return {
    ...{ ...loaded, ...measured, seconds: done.seconds },
    more: { outcomeP50Ms: at(0.5), outcomeP95Ms: at(0.95), statusSeconds: await statusSeconds(play) },
  };
}

/** CPU seconds of one `cutover status`, of the program as it is packed: its launcher has Node keep what it has compiled. */
async function statusSeconds({ cli, run }: Play): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-compiled-'));
  process.env['CUTOVER_PROGRAMS'] = await bundlePrograms();
  process.env['NODE_COMPILE_CACHE'] = folder;
  try {
    // It is there from the second time on.
    await cli('status', run.id);
    const before = await endedSeconds();
    for (let look = 0; look < looks; look += 1) {
      const { code, stderr } = await cli('status', run.id);
      if (stderr !== '') throw new Error(`cutover status ended with ${String(code)}: ${stderr}`);
    }
    return ((await endedSeconds()) - before) / looks;
  } finally {
    delete process.env['CUTOVER_PROGRAMS'];
    delete process.env['NODE_COMPILE_CACHE'];
    await rm(folder, { recursive: true, force: true });
  }
}
