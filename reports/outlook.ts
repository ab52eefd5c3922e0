import type { GateKind } from '../contracts/activities.ts';
import { gateNames } from '../contracts/messages.ts';
import type { Env, Timings } from '../domain/plan/env.ts';
import type { ObjectPlan } from '../domain/plan/mapping.ts';
import type { Phase } from '../domain/plan/phases.ts';
import type { GatePlan, GuardPlan, Plan } from '../domain/plan/plan.ts';
import { leaseAtMostMs } from '../domain/waves/lease.ts';
import { durationText } from './instant.ts';

/** What one phase will do, in order, a sentence each. */
export interface OutlookStep {
  readonly phase: Phase;
  readonly does: readonly string[];
}

/** What a plan will do when it is run: its phases in order, its guards, and what going back can and cannot do. Nothing is touched to know it. */
export interface Outlook {
  readonly plan: string;
  readonly env: string | null;
  readonly mode: string | null;
  readonly accounts: number;
  readonly steps: readonly OutlookStep[];
  readonly guards: readonly string[];
  readonly pointsOfNoReturn: readonly string[];
  readonly rollback: readonly string[];
}

/** Foretells a run of this plan; waits are named where the env is known. */
export function outlookOf(plan: Plan, env: Env | null): Outlook {
  const waves = [plan.pilot, ...plan.waves];
  return {
    plan: plan.name,
    env: env?.name ?? null,
    mode: env?.mode ?? null,
    accounts: waves.reduce((sum, { accounts }) => sum + accounts.length, 0),
    steps: stepsOf(plan, env?.timings ?? null),
    guards: plan.guards.map((guard) => guardText(guard)),
    pointsOfNoReturn: plan.rollback.pointsOfNoReturn,
    rollback: [
      'Before its switch a wave goes back exactly: the same business records with the same fields.',
      'After its switch what was done in the new system since is exported to be entered again, and what cannot be undone remains and is listed.',
      `A wave, or the whole run, can be taken back at any moment before the close; planned at ${String(plan.rollback.minutesPerHundredEffects)} min for a hundred effects.`,
      `A wave that went back waits at ${gateText(plan, 'retry', 'retry-<wave>')}`,
    ],
  };
}

function stepsOf(plan: Plan, timings: Timings | null): readonly OutlookStep[] {
  const { roles, pilot } = plan;
  const named = (scope: ObjectPlan['scope']): string =>
    plan.objects
      .filter((object) => object.scope === scope)
      .map(objectText)
      .join(', ') || 'nothing';
  return [
    {
      phase: 'preflight',
      does: [
        `Check ${roles.source}, ${roles.target}, ${roles.crm} and ${roles.archive}: addresses, rights, dispositions, accounts, what must be matched, field lengths. Nothing is changed; anything missing ends the run.`,
      ],
    },
    {
      phase: 'configurationFreeze',
      does: [`Install the freeze in ${roles.source} and keep the fingerprint of its configuration. The business goes on.`],
    },
    {
      phase: 'finalExport',
      does: [
        `Read the full baseline: ${plan.objects.map(({ name }) => name).join(', ')}.`,
        ...plan.archive.map(({ object, query }) => `Archive ${object} of the query ${query} in ${roles.archive}, written once.`),
      ],
    },
    {
      phase: 'pilot',
      does: [
        `Load the shared records: ${named('shared')}.`,
        `Wait at ${gateText(plan, 'baseline', 'baseline')}`,
        `Prove the way back on canaries, then load wave ${pilot.name}, ${countText(pilot.accounts.length)}: ${named('account')}. Documents stay harmless; ${roles.source} stays the book.`,
      ],
    },
    {
      phase: 'parallelRun',
      does: [
        `Run both books side by side${timings === null ? '' : ` for ${durationText(timings.parallelRun)}, comparing every ${durationText(timings.reconcileEvery)}`}.`,
        ...switchSteps(plan, pilot.name, pilot.accounts.length, timings),
      ],
    },
    {
      phase: 'expansion',
      does: [
        ...plan.waves.flatMap(({ name, accounts }) => [
          `Prove the way back on canaries before wave ${name}.`,
          ...switchSteps(plan, name, accounts.length, timings),
        ]),
        'Retire the shared records that the source marks as discontinued.',
      ],
    },
    { phase: 'hypercare', does: [`Watch${timings === null ? '' : ` for ${durationText(timings.hypercare)}`}; the guards go on.`] },
    {
      phase: 'close',
      does: [
        `Wait at ${gateText(plan, 'close', 'close')}`,
        'Verify the archive once more; open exceptions are signed off; the seals are handed over where the legacy users have lost their writing rights, else they stay.',
      ],
    },
  ];
}

/** How long legacy may be closed to an account: the lease is prolonged while the wave is loaded, and never while its gate waits. */
function leaseText({ lease, leaseAtMost }: Timings): string {
  return `for ${durationText(lease)}, and for ${durationText(leaseAtMostMs(lease, leaseAtMost))} at most while it is loaded`;
}

function switchSteps(plan: Plan, wave: string, accounts: number, timings: Timings | null): readonly string[] {
  const { source, target, crm } = plan.roles;
  const lease = timings === null ? '' : `, ${leaseText(timings)}`;
  return [
    `Freeze the ${countText(accounts)} of wave ${wave} in ${source}${lease}; all others go on. Read the last delta, load it, verify.`,
    `Wait at ${gateText(plan, 'switch', gateNames.switch(wave))}`,
    `Switch wave ${wave}: seal ${source}, activate ${
      plan.objects
        .filter(({ activate }) => activate)
        .map(({ name }) => name)
        .join(', ') || 'no documents'
    } in ${target}, repoint ${crm}; then smoke test and soak${timings === null ? '' : ` of ${durationText(timings.soak)}`}.`,
  ];
}

function objectText({ name, mode, target }: ObjectPlan): string {
  return mode === 'move' ? `${name} to ${target.system}` : `${name} matched in ${target.system}, never created`;
}

function countText(accounts: number): string {
  return accounts === 1 ? '1 account' : `${String(accounts)} accounts`;
}

const consequences: Readonly<Record<GatePlan['atDeadline'], string>> = {
  hold: 'the run is held',
  escalate: 'it is escalated and held',
  rollback: 'the wave is rolled back',
};

/** A gate in one sentence: who must say go, on which limits, by when, and what follows if nobody does. */
function gateText(plan: Plan, kind: GateKind, name: string): string {
  const { roles, limits, deadline, atDeadline, maxAttempts } = plan.gates[kind];
  const allowed = limits.map(({ metric, max }) => `${metric} at most ${String(max)}`).join(', ');
  const end = deadline === undefined ? 'no deadline' : `within ${durationText(deadline)}, or ${consequences[atDeadline]}`;
  return `gate ${name}: go by ${roles.join(' and ')}, on ${allowed}; ${end}; ${String(maxAttempts)} attempts at most.`;
}

function guardText({ name, metric, kind, limit, minimumSample, exactCount, stages, answer, owner }: GuardPlan): string {
  const bound = kind === 'rate' ? `${String(limit)} of ${String(minimumSample)} records or more` : String(limit);
  const exact = exactCount === undefined ? '' : `, or ${String(exactCount)} bad ones in fewer`;
  return `${name} (${owner}): ${metric} above ${bound}${exact}, while ${stages.join(', ')}; answers ${answer.beforeSwitch} before the switch, ${answer.afterSwitch} after it.`;
}

/** An outlook as lines for people. */
export function outlookLines(outlook: Outlook): readonly string[] {
  const env = outlook.env === null ? 'no env file given' : `env ${outlook.env}, mode ${outlook.mode ?? ''}`;
  return [
    `Plan ${outlook.plan} (${env}) moves ${String(outlook.accounts)} accounts. What will happen, in order:`,
    ...outlook.steps.flatMap(({ phase, does }, index) => [`${String(index + 1)}. ${phase}`, ...does.map((step) => `   - ${step}`)]),
    'Guards, from the first load on:',
    ...outlook.guards.map((guard) => `   - ${guard}`),
    'Points of no return:',
    ...outlook.pointsOfNoReturn.map((point) => `   - ${point}`),
    'Going back:',
    ...outlook.rollback.map((sentence) => `   - ${sentence}`),
  ];
}
