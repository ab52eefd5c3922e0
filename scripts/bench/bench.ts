import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Started } from '../dev/demo/started.ts';
import { say } from '../dev/demo/talk.ts';
import { startStack } from '../dev/stack.ts';
import type { Arena, Contestant } from './contestants/contestant.ts';
import { cutover } from './contestants/cutover.ts';
import { speedOf, type Figures, type Report } from './figures.ts';
import { measuredSettings } from './measure/database.ts';
import { loadNow, machine } from './measure/machine.ts';
import { judge } from './oracle.ts';
import type { Options } from './options.ts';
import { orderOf } from './rounds.ts';
import { startTarget } from './target/target.ts';

/** A workload by its name, its contestants, and what its last line says of the figures. */
export interface Workload {
  readonly name: string;
  readonly contestants: readonly Contestant[];
  last(figures: readonly Figures[], sizes: Options['sizes']): string;
}

/** How long a round may take: a minute, and a second for each twenty records. */
function patience(records: number): number {
  return 60_000 + records * 50;
}

/** Plays a workload, one warm-up and then the rounds, on servers of its own. */
export async function bench(workload: Workload, options: Options, started: Started): Promise<Report> {
  const { sizes, rounds } = options;
  const stack = await started.keep(startStack({ settings: measuredSettings }));
  const target = await started.keep(startTarget(sizes.answerMs));
  const arena: Arena = { stack, target, sizes, patienceMs: patience(sizes.records) };
  const contestants = workload.contestants.filter(({ name }) => options.only?.includes(name) ?? true);
  const figures: Figures[] = [];
  for (let round = 0; round <= rounds; round += 1)
    for (const contestant of orderOf(contestants, round)) {
      const one = await playOne(arena, contestant, round);
      figures.push(one);
      say(lineOf(one, rounds));
    }
  const profile = await profiledRound(arena, contestants, options.profile);
  return {
    workload: workload.name,
    at: new Date().toISOString(),
    machine: await machine(stack),
    sizes,
    rounds,
    figures,
    profile,
    notRun: {},
    last: workload.last(figures, sizes),
  };
}

/** A round of the product alone, beside all others because a profile costs time; null where none was asked for. */
async function profiledRound(arena: Arena, contestants: readonly Contestant[], folder: string | null): Promise<Figures | null> {
  const [product] = contestants.filter(({ name }) => name === cutover.name);
  if (folder === null || product === undefined) return null;
  say(`a round of ${product.name} with a profile`);
  await mkdir(folder, { recursive: true });
  return playOne(arena, product, -1, resolve(folder));
}

async function playOne(arena: Arena, contestant: Contestant, round: number, profile: string | null = null): Promise<Figures> {
  const load = loadNow();
  await arena.target.clear();
  const name = `${contestant.name.replaceAll('-', '_')}_${profile === null ? String(round) : 'profiled'}`;
  const run = await contestant.play(arena, { name, counts: round === 0, profile });
  const wrong = await judge(arena.target.records('Account'), arena.sizes.records);
  return { ...run, contestant: contestant.name, round, speed: speedOf(arena.sizes, run.seconds, wrong), wrong, load };
}

function lineOf({ contestant, round, speed, cpu, wrong, load }: Figures, rounds: number): string {
  const which = round === 0 ? 'warm-up' : `round ${String(round)} of ${String(rounds)}`;
  const outcome = wrong === null ? `${speed.toFixed(0)} records/s, ${cpu.runner.toFixed(2)} s of CPU` : `WRONG: ${wrong}`;
  return `${which}: ${contestant}: ${outcome} (load average before: ${String(load)})`;
}
