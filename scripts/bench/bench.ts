import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Started } from '../dev/demo/started.ts';
import { say } from '../dev/demo/talk.ts';
import { startStack } from '../dev/stack.ts';
import { productNames, type Arena, type Contestant } from './contestants/contestant.ts';
import { speedOf, type Figures, type Report } from './figures.ts';
import { measuredSettings } from './measure/database.ts';
import { loadNow, machine } from './measure/machine.ts';
import type { Options } from './options.ts';
import { orderOf } from './rounds.ts';
import type { Quota, Sizes } from './sizes.ts';
import { startTarget } from './target/target.ts';
import { withFaults, type Trouble } from './trouble.ts';

/** A workload by its name, its contestants, and what its last line says of the figures. */
export interface Workload {
  readonly name: string;
  readonly contestants: readonly Contestant[];
  /** How many records a round has where nothing is said. */
  readonly records: number;
  /** Milliseconds the target takes for an answer where nothing is said and it is another time than 50. */
  readonly answerMs?: number;
  /** The target's limit of calls, where the workload has one. */
  readonly quota?: Quota;
  /** How the target behaves where it is no ideal one. */
  readonly trouble?: Trouble;
  /** What the target holds wrong after a round; null where all is right. */
  wrongIn(arena: Arena): Promise<string | null>;
  last(figures: readonly Figures[], sizes: Sizes): string;
}

const usualAnswerMs = 50;

/** The sizes that were asked for, or are usual. */
export function sizesOf(
  { records, answerMs, quota, trouble }: Pick<Workload, 'records' | 'answerMs' | 'quota' | 'trouble'>,
  { sizes, faults }: Pick<Options, 'sizes' | 'faults'>,
): Sizes {
  return {
    ...sizes,
    records: sizes.records ?? records,
    answerMs: sizes.answerMs ?? answerMs ?? usualAnswerMs,
    quota: quota ?? null,
    trouble: trouble === undefined ? null : withFaults(trouble, faults),
  };
}

interface Stage {
  readonly workload: Workload;
  readonly arena: Arena;
}

/** How long a step of a round may take: five minutes, and a second for each five records. */
function patience(records: number): number {
  return 300_000 + records * 200;
}

/** Plays a workload, one warm-up and then the rounds, on servers of its own. `save` gets what there is after each contestant's round. */
export async function bench(
  workload: Workload,
  options: Options,
  started: Started,
  save: (soFar: Report) => Promise<void>,
): Promise<Report> {
  const { rounds } = options;
  const sizes = sizesOf(workload, options);
  const stack = await started.keep(startStack({ settings: measuredSettings }));
  const target = await started.keep(startTarget(sizes));
  const stage: Stage = { workload, arena: { stack, target, sizes, patienceMs: patience(sizes.records) } };
  const wanted = workload.contestants.filter(({ name }) => options.only?.includes(name) ?? true);
  const [figures, notRun]: [Figures[], Record<string, string>] = [[], {}];
  const about = { workload: workload.name, at: new Date().toISOString(), machine: await machine(stack), sizes, rounds };
  const soFar = (profile: Figures | null = null): Report => ({
    ...about,
    ...{ figures, profile, notRun, last: workload.last(figures, sizes) },
  });
  for (let round = 0; round <= rounds; round += 1)
    for (const contestant of orderOf(wanted, round).filter(({ name }) => notRun[name] === undefined)) {
      const one = await playIfPresent(stage, contestant, round);
      if (typeof one === 'string') notRun[contestant.name] = one;
      else figures.push(one);
      say(typeof one === 'string' ? `${contestant.name}: not run: ${one}` : lineOf(one, rounds));
      await save(soFar());
    }
  return soFar(await profiledRound(stage, wanted, options.profile));
}

/** A round of one contestant; where it is another's program that cannot take part, or does not get through the warm-up, the reason. */
async function playIfPresent(stage: Stage, contestant: Contestant, round: number): Promise<Figures | string> {
  const { absent } = contestant;
  if (round > 0 || absent === undefined) return playOne(stage, contestant, round);
  return (
    (await absent()) ??
    playOne(stage, contestant, round).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  );
}

/** A round of the product alone, beside all others because a profile costs time; null where none was asked for. */
async function profiledRound(stage: Stage, contestants: readonly Contestant[], folder: string | null): Promise<Figures | null> {
  const [product] = contestants.filter(({ name }) => productNames.includes(name));
  if (folder === null || product === undefined) return null;
  say(`a round of ${product.name} with a profile`);
  await mkdir(folder, { recursive: true });
  return playOne(stage, product, -1, resolve(folder));
}

async function playOne({ workload, arena }: Stage, contestant: Contestant, round: number, profile: string | null = null): Promise<Figures> {
  const load = loadNow();
  await arena.target.clear();
  const name = `${contestant.name.replaceAll('-', '_')}_${profile === null ? String(round) : 'profiled'}`;
  const run = await contestant.play(arena, { name, counts: round === 0, profile });
  const wrong = run.wrong ?? (await workload.wrongIn(arena));
  return { ...run, contestant: contestant.name, round, speed: speedOf(arena.sizes, run.seconds, wrong), wrong, load };
}

function lineOf({ contestant, round, speed, cpu, wrong, load }: Figures, rounds: number): string {
  const which = round === 0 ? 'warm-up' : `round ${String(round)} of ${String(rounds)}`;
  const outcome = wrong === null ? `${speed.toFixed(0)} records/s, ${cpu.runner.toFixed(2)} s of CPU` : `WRONG: ${wrong}`;
  return `${which}: ${contestant}: ${outcome} (load average before: ${String(load)})`;
}
