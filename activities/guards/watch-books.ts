import type { Breach } from '../../contracts/activities.ts';
import { gateNames, sharedWave } from '../../contracts/messages.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { leaseAtMostMs, prolongedLeaseMs } from '../../domain/waves/lease.ts';
import { Overtaken, WaveMovedOn } from '../../domain/waves/moved-on.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Context } from '../deps.ts';
import { freezeName } from '../waves/freeze.ts';
import { freezeFaults, sealFaults } from '../waves/seals.ts';

/** Name of the guard every run has: legacy refuses writers wherever the ledger says that it does. */
export const booksGuard = 'booksOpen';

/**
 * Looks at what a wave holds in legacy: seals after the switch has begun, the freeze before it. Seals or triggers that were removed behind our back
 * are a breach with the answer pause, told once until it is answered or changes. A legacy system that does not answer is no breach, and neither is what
 * the wave itself lifts meanwhile.
 */
export async function watchBooks(context: Context, wave: WaveRow): Promise<Breach | null> {
  const { ledger, ref } = context;
  const last = await ledger.guards.verdict(ref.run, booksGuard, wave.name, wave.attempt);
  if (last?.verdict === 'breach' && last.answeredAt === null) return booksBreach(wave, last.reason);
  const held = await heldBy(context, wave);
  const found = await lookAt(context, wave, held);
  if (found?.verdict === 'breach' && (await isMoving(context, wave, held))) return null;
  if (found === null || (last === null && found.verdict === 'pass')) return null;
  const behind = { verdict: last, metric: null, value: null };
  const figures = { warn: false, k: null, n: null, eValue: null };
  const seen = { ...found, ...figures, guard: booksGuard, wave: wave.name, attempt: wave.attempt };
  if (last?.verdict === found.verdict && last.reason === found.reason) {
    await ledger.guards.look(ref.run, { ...seen, measuredAt: null }, behind);
    return null;
  }
  const news = {
    ...seen,
    segment: (last?.segment ?? 0) + 1,
    secondLook: false,
    answer: found.verdict === 'breach' ? ('pause' as const) : null,
  };
  const placed = await ledger.guards.store(ref.run, news, null, null, behind);
  if (placed === 'overtaken' || found.verdict === 'pass') return null;
  await ledger.trail.note(ref.run, wave.name, 'guard', { guard: booksGuard, ...found });
  return found.verdict === 'breach' ? booksBreach(wave, found.reason) : null;
}

/** The accounts that legacy is to refuse writers to for this wave. */
function heldBy({ ledger, ref }: Context, wave: WaveRow): Promise<readonly string[]> {
  return ledger.freezes.held(ref.run, wave.name, wave.state === 'frozen' ? ['frozen', 'sealed'] : ['sealed']);
}

/** Whether the wave has moved on since it was read, or has released accounts or is about to: then what legacy shows says nothing about anybody else. */
async function isMoving(context: Context, wave: WaveRow, held: readonly string[]): Promise<boolean> {
  const { ledger, ref } = context;
  const now = await ledger.waves.get(ref.run, wave.name);
  if (now.attempt !== wave.attempt || now.generation !== wave.generation || now.state !== wave.state) return true;
  if (await ledger.freezes.isReleasing(ref.run, wave.name)) return true;
  return (await heldBy(context, wave)).length !== held.length;
}

interface Found {
  readonly verdict: 'pass' | 'breach' | 'inconclusive';
  readonly reason: string;
}

async function lookAt(context: Context, wave: WaveRow, held: readonly string[]): Promise<Found | null> {
  if (wave.name === sharedWave || !['frozen', 'switching', 'switched'].includes(wave.state)) return null;
  const { source } = context.sys.plan.roles;
  try {
    const faults = await faultsOf(context, wave, held);
    if (faults.length === 0) return { verdict: 'pass', reason: `${source} refuses writers to every account it is to refuse.` };
    const reason = `${source}: ${faults.join('; ')}. Somebody removed what keeps legacy closed: close it again or take the wave back, and read what was written meanwhile.`;
    return { verdict: 'breach', reason };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { verdict: 'inconclusive', reason: `${source} could not be asked whether it refuses writers: ${error.message}` };
  }
}

async function faultsOf(context: Context, wave: WaveRow, held: readonly string[]): Promise<readonly string[]> {
  const of = { run: context.ref.run, wave: wave.name };
  if (wave.state !== 'frozen') return sealFaults(context, of, wave.generation, held);
  const lease = await context.ledger.freezes.lease(of.run, of.wave);
  return freezeFaults(context, of, wave.generation, held, lease?.leftMs ?? 0);
}

/** A breach of this guard in a wave. */
export function booksBreach({ name, attempt }: WaveRow, reason: string): Breach {
  return { guard: booksGuard, wave: name, attempt, answer: 'pause', reason: `${booksGuard}: ${reason}` };
}

/**
 * Prolongs the lease of a frozen wave while it is worked on, within the allowance of the env. At its gate nobody works on it: there the deadline is
 * inside the lease. What legacy refuses, or does not answer, leaves the lease as it is: a lapse is found by whoever needs it.
 */
export async function prolongLease(context: Context, wave: WaveRow): Promise<void> {
  if (wave.state !== 'frozen') return;
  const { ledger, ref, sys } = context;
  const gate = await ledger.gates.latest(ref.run, gateNames.switch(wave.name));
  const age = await ledger.freezes.lease(ref.run, wave.name);
  if (gate?.state === 'open' || age === null) return;
  const { lease, leaseAtMost } = sys.env.timings;
  const leaseMs = prolongedLeaseMs(age, lease, leaseAtMostMs(lease, leaseAtMost));
  if (leaseMs === null) return;
  const who = { run: ref.run, wave: wave.name, attempt: wave.attempt };
  try {
    const order = await ledger.acts.allow(who, 'extend', wave.generation);
    if (order !== null && (await sys.source.extend({ wave: freezeName(who), ...order }, leaseMs)))
      await ledger.freezes.prolong(who, order, leaseMs);
  } catch (error) {
    if (!(error instanceof AdapterError) && !(error instanceof WaveMovedOn) && !(error instanceof Overtaken)) throw error;
  }
}
