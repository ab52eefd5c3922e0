import { readdir, readFile } from 'node:fs/promises';

/** Ticks of a second in `/proc` (`getconf CLK_TCK`): 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Ticks of the process itself. */
  readonly own: number;
  /** Ticks of its children that have ended and were waited for. */
  readonly ended: number;
}

/** CPU seconds of a process and all below it, those included that have ended since it started. */
export async function cpuSeconds(pid: number): Promise<number> {
  const all = await allStats();
  const of = (stat: Stat): number =>
    stat.own + stat.ended + all.filter(({ parent }) => parent === stat.pid).reduce((sum, child) => sum + of(child), 0);
  const root = all.find((stat) => stat.pid === pid);
  return root === undefined ? 0 : of(root) / ticksPerSecond;
}

/** CPU seconds of this process's children that have ended. */
export async function endedSeconds(): Promise<number> {
  return ((await allStats()).find(({ pid }) => pid === process.pid)?.ended ?? 0) / ticksPerSecond;
}

/** The most memory a process has had in RAM (`VmHWM`), in MB. */
export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
}

async function allStats(): Promise<readonly Stat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)));
  return texts.flatMap((text) => (text === null ? [] : [parseStat(text)]));
}

/** The name of a program stands between parentheses and may hold anything, so the fields are counted from the last one. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(fields[index] ?? 0);
  return { pid: Number.parseInt(text, 10), parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
}
