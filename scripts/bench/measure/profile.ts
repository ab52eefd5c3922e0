import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../dev/project.ts';

/** A time span on the machine's monotonic clock, in microseconds: the clock of V8's profiles and of `process.hrtime`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A function in which a thread spent time of its own. */
export interface HotSpot {
  readonly thread: 'main' | 'workflows';
  readonly name: string;
  readonly file: string;
  readonly ms: number;
  /** Of the time in which any thread was at work. */
  readonly share: number;
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
}

/** Now, in microseconds of the monotonic clock. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** The options of Node under which a process leaves a profile of each of its threads in a folder when it ends. */
export function profiled(folder: string): string {
  return `--cpu-prof --cpu-prof-dir=${folder}`;
}

/** Where the threads of a process spent the time of a span, the most first; idle time counts as none. */
export async function hotSpots(folder: string, pid: number, span: Span): Promise<readonly HotSpot[]> {
  const names = (await readdir(folder)).filter((name) => name.split('.')[3] === String(pid) && name.endsWith('.cpuprofile'));
  const spots = new Map<string, Omit<HotSpot, 'share'>>();
  for (const name of names) {
    const thread = name.split('.')[4] === '0' ? 'main' : 'workflows';
    const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as Profile;
    for (const [key, spot] of selfTimes(profile, span)) {
      const known = spots.get(`${thread} ${key}`)?.ms ?? 0;
      spots.set(`${thread} ${key}`, { thread, ...spot, ms: known + spot.ms });
    }
  }
  const busy = [...spots.values()].filter(({ name }) => name !== '(idle)');
  const total = busy.reduce((sum, { ms }) => sum + ms, 0);
  return busy.map((spot) => ({ ...spot, share: spot.ms / total })).sort((a, b) => b.ms - a.ms);
}

function selfTimes(
  { nodes, samples, timeDeltas, startTime }: Profile,
  { from, to }: Span,
): ReadonlyMap<string, Pick<HotSpot, 'name' | 'file' | 'ms'>> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { name: string; file: string; ms: number }>();
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    const frame = frames.get(id);
    if (frame === undefined || at < from || at > to) continue;
    const [name, file] = [frame.functionName || '(anonymous)', fileOf(frame.url)];
    const spot = times.get(`${name} ${file}`) ?? { name, file, ms: 0 };
    spot.ms += delta / 1_000;
    times.set(`${name} ${file}`, spot);
  }
  return times;
}

function fileOf(url: string): string {
  return url.startsWith('file:') ? relative(projectRoot, fileURLToPath(url)) : url;
}
