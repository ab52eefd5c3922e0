import { describe, expect, test } from 'vitest';
import type { RunStatus } from '../../contracts/messages.ts';
import type { GateRow } from '../../ledger/gates.ts';
import type { RunRow } from '../../ledger/runs.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import { commandLine } from '../../scripts/command-line.ts';
import { runCodes } from '../../scripts/exit-codes.ts';
import type { WorkflowLook } from '../../scripts/look.ts';
import type { RunView } from '../../scripts/run-view.ts';
import { situationOf } from '../../scripts/situation.ts';
import { waitingOf } from '../../scripts/waiting.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';

const run = 'cutover/sample/1';
const began = new Date('2026-11-24T08:00:00.000Z');
const nowMs = began.getTime() + 180_000;

const row: RunRow = {
  id: run,
  scope: 'scope',
  planHash: 'p',
  envHash: 'e',
  state: 'open',
  phase: 'pilot',
  held: null,
  fingerprint: null,
  targetSkewMs: 0,
  startedAt: began,
  endedAt: null,
};
const gate: GateRow = {
  run,
  gate: 'switch-east',
  kind: 'switch',
  attempt: 2,
  wave: 'east',
  waveAttempt: 1,
  state: 'open',
  facts: {
    of: { run: 'cutover/small/1', gate: 'switch-pilot', waveAttempt: 1 },
    takenBack: null,
    limits: [{ metric: 'unexplained', value: 0, max: 0, verdict: 'pass', detail: '' }],
    exceptions: [],
    equations: [],
    pointsOfNoReturn: [],
    plan: 'p',
    env: 'e',
  },
  factsHash: 'f'.repeat(64),
  shut: [],
  notices: [],
  openedAt: began,
  measuredAt: began,
  deadlineAt: new Date('2026-11-24T09:00:00.000Z'),
  validUntil: began,
  endedAt: null,
  now: began,
};
const decision = {
  requestId: 'r',
  run,
  verb: 'go',
  gate: 'switch-east',
  attempt: 2,
  factsHash: 'f',
  person: 'ada',
  role: 'finance',
  scope: null,
  reason: '',
  messageHash: '',
  outcome: 'accepted' as const,
  detail: '',
  at: began,
};
const answer: RunStatus = {
  run,
  phase: 'expansion',
  step: 'loading',
  wave: 'west',
  held: null,
  stops: [],
  waiting: null,
  rollback: null,
  refused: 0,
  end: null,
};
const wave = (name: string, state: WaveRow['state']): WaveRow => ({
  run,
  name,
  ordinal: 1,
  state,
  attempt: 1,
  held: null,
  generation: 1,
  stagedGeneration: null,
  leaseUntil: null,
  watermark: null,
  openedAt: began,
  switchedAt: null,
});
/** The gate as its workflow shows it before anybody has voted. */
const shown = waitingOf(gate, samplePlan().gates.switch, []);
const running: WorkflowLook = { state: 'RUNNING', failure: null, answer: null, version: null };
/** The workflow, asked while it waits at that gate. */
const asked: WorkflowLook = { ...running, answer: { ...answer, waiting: shown } };

function view(change: Partial<RunView> & { readonly row?: Partial<RunRow> } = {}): RunView {
  const { row: changed, ...rest } = change;
  return {
    run: { ...row, ...changed },
    plan: samplePlan(),
    env: sampleEnv(),
    waves: [],
    gates: [],
    decisions: [],
    verdicts: [],
    exceptions: [],
    events: [],
    standing: { holds: [], stops: [] },
    ...rest,
  };
}

test('says at a gate who can act, since when, what happens if nobody does, and the go beside the no-go, with who and why left open', () => {
  const { standing, headline, next, waiting } = situationOf({ run, view: view({ gates: [gate] }), look: asked, nowMs });
  expect(standing).toBe('waiting');
  expect(headline).toBe(
    `Waiting at gate switch-east, attempt 2 for a decision of finance (ada or eve) and it (bo), since 2026-11-24 08:00:00 UTC (3 minutes). If nobody acts by 2026-11-24 09:00:00 UTC, the run is held. Next: ${next}`,
  );
  const signed = '--by <you> --role <role> --reason "<why>"';
  expect(next).toContain(`decide ${run} go --gate switch-east --attempt 2 --facts ${'f'.repeat(64)} ${signed}, or `);
  expect(next).toContain(`decide ${run} no-go --gate switch-east ${signed}`);
  expect(waiting?.missing).toEqual(['finance', 'it']);
});

test('counts what was decided: only who is still missing is waited for', () => {
  const decisions = [
    decision,
    { ...decision, person: 'bo', role: 'it', outcome: 'refused' as const },
    { ...decision, person: 'bo', role: 'it', attempt: 1 },
  ];
  expect(situationOf({ run, view: view({ gates: [gate], decisions }), look: running, nowMs }).headline).toMatch(
    /a decision of it \(bo\), since/,
  );
});

test('sends nobody to vote at a gate its limits keep shut, but to its evidence, and names the owners of what failed', () => {
  const shut: GateRow = {
    ...gate,
    shut: ['unexplained is 3, allowed is 0'],
    facts: { ...gate.facts, limits: [{ metric: 'unexplained', value: 3, max: 0, verdict: 'breach', detail: '' }] },
  };
  const { headline, next } = situationOf({ run, view: view({ gates: [shut] }), look: running, nowMs });
  expect(headline).toMatch(
    /^Shut by its limits: gate switch-east, attempt 2.*unexplained is 3, allowed is 0.* The owner of unexplained, finance \(ada or eve\), must mend the cause/,
  );
  expect(next).toContain(`gate ${run} switch-east`);
});

test('names the owner of a limit that has no seat at the gate, and whose attempt the ledger was read before', () => {
  const plan = samplePlan((raw) => (raw.metrics.unexplained = { ...raw.metrics.unexplained, owner: 'revOps' }));
  const shut = { ...shown, attempt: 3, shut: ['unexplained is 3, allowed is 0: 3 of 9'] };
  const look = { ...running, answer: { ...answer, waiting: shut } };
  expect(situationOf({ run, view: view({ plan, gates: [gate] }), look, nowMs }).headline).toContain(
    ' The owner of unexplained, revOps (eve), must mend the cause;',
  );
  expect(situationOf({ run, view: view({ plan: null }), look, nowMs }).headline).toContain(
    ' The owners of its metrics must mend the cause;',
  );
});

test('where everybody has decided, nobody is waited for: the evidence is measured once more, until the deadline', () => {
  const go = (person: string, role: string) => ({ ...decision, requestId: person, person, role });
  const decisions = [go('ada', 'finance'), go('bo', 'it')];
  const words =
    /^Everybody has decided at gate switch-east, attempt 2\. The evidence is measured once more, and the run goes on by itself if nothing got worse; if it has not by 2026-11-24 09:00:00 UTC, the run is held\./;
  const { standing, headline, next } = situationOf({ run, view: view({ gates: [gate], decisions }), look: running, nowMs });
  expect([standing, next]).toEqual(['running', commandLine('status', run)]);
  expect(headline).toMatch(words);
  // The ledger has the votes before the workflow hears of them.
  expect(situationOf({ run, view: view({ gates: [gate], decisions }), look: asked, nowMs }).headline).toMatch(words);
  const endless = { ...gate, deadlineAt: null };
  expect(situationOf({ run, view: view({ gates: [endless], decisions }), look: asked, nowMs }).headline).toContain(
    'if nothing got worse. Next:',
  );
});

test('from the moment a decision is recorded nobody is waited for, though the workflow has not heard of it yet', () => {
  const go = (person: string, role: string) => ({ ...decision, requestId: person, person, role });
  const decisions = [go('ada', 'finance'), go('bo', 'it')];
  const look = asked;
  const gone = { ...gate, state: 'go' as const, endedAt: began };
  const { standing, headline, next } = situationOf({ run, view: view({ gates: [gone], decisions }), look, nowMs });
  expect([standing, next]).toEqual(['running', commandLine('status', run)]);
  expect(headline).toMatch(
    /^The go at gate switch-east, attempt 2, is recorded \(go by ada \(finance\), go by bo \(it\)\) and is being acted on\. Nobody is waited for\. Next: /,
  );
  const noGo = { ...go('bo', 'it'), verb: 'noGo' };
  const refused = { ...gate, state: 'noGo' as const, endedAt: began };
  expect(situationOf({ run, view: view({ gates: [refused], decisions: [noGo] }), look, nowMs }).headline).toMatch(
    /^The no-go at gate switch-east, attempt 2, is recorded \(no-go by bo \(it\)\) and is being acted on\./,
  );
  const anew = { ...gate, attempt: 3, openedAt: began };
  expect(
    situationOf({ run, view: view({ gates: [{ ...gate, state: 'superseded', endedAt: began }, anew] }), look, nowMs }).headline,
  ).toMatch(/^Waiting at gate switch-east, attempt 3 for a decision of finance/);
});

test('from the moment a resume is recorded the run is no longer held, though the workflow has not heard of it yet', () => {
  const look = { ...running, answer: { ...answer, held: 'the bank is closed' } };
  const resume = { ...decision, verb: 'resume', gate: null, attempt: null, person: 'bo', role: 'it' };
  const { standing, headline } = situationOf({ run, view: view({ decisions: [resume] }), look, nowMs });
  expect(standing).toBe('running');
  expect(headline).toMatch(/^The resume by bo \(it\) is recorded and is being acted on\. Nobody is waited for\. Next: /);
  // One that nobody lifted is one that the ledger has not heard of.
  expect(situationOf({ run, view: view(), look, nowMs }).standing).toBe('held');
});

describe('while a wave is taken back the first line says so', () => {
  const noGo = { verb: 'noGo', scope: 'east', requestId: 'r', person: 'bo', role: 'it', reason: 'prices are wrong' } as const;
  const headlineOf = (changes: Parameters<typeof view>[0], said: Partial<RunStatus> | null = {}): string =>
    situationOf({ run, view: view(changes), look: { ...running, answer: said === null ? null : { ...answer, ...said } }, nowMs }).headline;
  const then = 'When it has ended, its retry gate asks about the next attempt.';

  test('from the moment it was ordered, with who ordered it and why', () => {
    expect(headlineOf({ waves: [wave('east', 'frozen')], standing: { holds: [], stops: [{ ...noGo, back: 'toCome' }] } })).toBe(
      `Rolling back wave east: no-go by bo (it): prices are wrong. ${then} Nobody is waited for. Next: ${commandLine('status', run)}`,
    );
    expect(headlineOf({}, { rollback: 'west: too many errors' })).toMatch(/^Rolling back wave west: too many errors\. When/);
  });

  test('until its end, since when and why, whatever gate was open, and also where the workflow cannot be asked', () => {
    const reason = 'no-go by bo (it) at 2026-11-24 08:00:00 UTC: prices are wrong';
    const undoing = {
      waves: [wave('east', 'undoing')],
      gates: [gate],
      events: [{ id: 1, wave: 'east', kind: 'rollbackBegan', detail: { reason, attempt: 1 }, at: began }],
    };
    const words = `Rolling back wave east, since 2026-11-24 08:00:00 UTC (3 minutes): ${reason}. ${then}`;
    expect(headlineOf(undoing, null)).toContain(words);
    expect(headlineOf(undoing, { waiting: shown })).toContain(words);
    expect(headlineOf({ ...undoing, standing: { holds: [], stops: [{ ...noGo, back: 'underWay' }] } })).toContain(words);
  });

  test('beside the gate of another wave, at which people are waited for all the same', () => {
    const known = view({ waves: [wave('west', 'undoing')], gates: [gate] });
    const { standing, headline, next } = situationOf({ run, view: known, look: running, nowMs });
    expect(standing).toBe('waiting');
    expect(headline).toMatch(/^Rolling back wave west\. .* Beside it: waiting at gate switch-east, attempt 2 for a decision of finance/);
    expect(next).toContain('go --gate switch-east');
  });

  test('and once it has gone back, its retry gate is what is waited at', () => {
    const retry: GateRow = { ...gate, gate: 'retry-east', kind: 'retry' };
    const stands = {
      waves: [wave('east', 'rolledBack')],
      gates: [retry],
      standing: { holds: [], stops: [{ ...noGo, back: 'done' as const }] },
    };
    expect(headlineOf(stands, null)).toMatch(/^Waiting at gate retry-east/);
    expect(headlineOf({ ...stands, row: { held: 'gate retry-east did not get its go' } }, null)).not.toMatch(/no-go of wave east/);
  });

  test('a run that goes back whole is told so once, and beside it that it is held', () => {
    const whole = { row: { phase: 'rollback' as const }, waves: [wave('east', 'undoing')] };
    expect(headlineOf(whole, { rollback: 'run: we stop here' })).toMatch(
      /^Rolling back the whole run: we stop here\. Nobody is waited for\./,
    );
    const held = view({ ...whole, row: { phase: 'rollback', held: 'the bank is closed' } });
    const known = { run, view: held, look: { ...running, answer }, nowMs };
    const { standing, headline, next } = situationOf(known);
    expect(headline).toMatch(
      /^Rolling back the whole run\. Nobody is waited for\. Beside it: held: the bank is closed\. One of .* can resume; if nobody does, /,
    );
    expect([standing, runCodes[standing], next]).toEqual(['running', 5, commandLine('status', run)]);
    const noGoHeld = { row: { held: 'the bank is closed' }, standing: { holds: [], stops: [noGo] } };
    expect(headlineOf(noGoHeld, null)).not.toContain('Rolling back');
  });
});

test('takes what the workflow answers over what the ledger has', () => {
  const { standing, headline } = situationOf({ run, view: view({ gates: [gate] }), look: { ...running, answer }, nowMs });
  expect(standing).toBe('running');
  expect(headline).toMatch(/^Running: phase expansion, wave west, loading/);
});

test('shows a hold before a gate, with its reason, who can resume, a no-go that stands, and the deadline that goes on', () => {
  const hold = { number: 1, scope: 'run', source: 'guard', person: null, role: null, reason: 'mismatches: 3 of 9', follows: null } as const;
  const noGo = { verb: 'noGo', scope: 'east', requestId: 'r', person: 'bo', role: 'it', reason: 'prices are wrong' } as const;
  const { standing, headline, next } = situationOf({
    run,
    view: view({
      row: { held: 'mismatches: 3 of 9' },
      gates: [gate],
      standing: { holds: [{ ...hold, at: began.toISOString() }], stops: [noGo] },
    }),
    look: running,
    nowMs,
  });
  expect(standing).toBe('held');
  expect(headline).toMatch(
    /^Held, since 2026-11-24 08:00:00 UTC \(3 minutes\): mismatches: 3 of 9\. .*One of .*it \(bo\).* can resume; if nobody does, nothing new is written/,
  );
  expect(headline).toContain('A no-go of wave east by bo (it) stands: prices are wrong.');
  expect(headline).toContain('Gate switch-east goes on waiting: if nobody acts by 2026-11-24 09:00:00 UTC, the run is held.');
  expect(next).toContain(`resume ${run} --by <you> --role <role> --reason "<why>"`);
});

test('a hold of another wave than the one that waits hides no gate, and is told beside it', () => {
  const hold = {
    number: 1,
    scope: 'west',
    source: 'person',
    person: 'bo',
    role: 'it',
    reason: 'the bank is closed',
    follows: null,
  } as const;
  const at = began.toISOString();
  const of = (scope: string) =>
    situationOf({
      run,
      view: view({ row: { held: 'the bank is closed' }, gates: [gate], standing: { holds: [{ ...hold, scope, at }], stops: [] } }),
      look: asked,
      nowMs,
    });
  expect(of('west')).toMatchObject({
    standing: 'waiting',
    headline: expect.stringMatching(
      /^Waiting at gate switch-east, .* Beside it, wave west is held: the bank is closed\. Next: .* go --gate switch-east/,
    ) as unknown,
  });
  expect(of('east').standing).toBe('held');
  expect(of('run').standing).toBe('held');
});

test.each([
  ['closed', 'done', /^Closed at 2026-11-24 08:00:00 UTC; nobody is waited for\./],
  ['rolledBack', 'rolledBack', /^Rolled back at .*; nothing remained\./],
  ['refused', 'fault', /^Refused by preflight at .*, and nothing was changed: no rights; no table\. Mend it/],
] as const)('tells a run that ended %s', (state, standing, words) => {
  const events = [{ id: 1, wave: null, kind: 'preflightProblems', detail: { 1: 'no rights', 2: 'no table' }, at: began }];
  const situation = situationOf({
    run,
    view: view({ row: { state, endedAt: began }, events }),
    look: { state: 'COMPLETED', failure: null, answer: null, version: null },
    nowMs,
  });
  expect(situation.standing).toBe(standing);
  expect(situation.headline).toMatch(words);
});

test('says of a run that closed which users can still write in legacy, where that keeps its seals there', () => {
  const events = [{ id: 1, wave: null, kind: 'sealsStay', detail: { writers: 'app, batch' }, at: began }];
  const known = view({ row: { state: 'closed', endedAt: began }, events });
  expect(
    situationOf({ run, view: known, look: { state: 'COMPLETED', failure: null, answer: null, version: null }, nowMs }).headline,
  ).toContain(
    'Closed at 2026-11-24 08:00:00 UTC; nobody is waited for. The moved accounts stay sealed in legacy, because these users can still write there: app, batch.',
  );
});

test.each([
  [
    'a workflow that failed',
    { state: 'FAILED', failure: 'no such table', answer: null, version: null },
    /^The workflow ended as FAILED \(no such table\) without ending the run/,
  ],
  ['a workflow that is not there', { state: 'absent', failure: null, answer: null, version: null }, /Temporal knows no workflow/],
  ['a Temporal that is away', null, /^Temporal cannot be reached/],
] as const)('calls %s a fault', (_what, look, words) => {
  const situation = situationOf({ run, view: view(), look, nowMs });
  expect(situation.standing).toBe('fault');
  expect(situation.headline).toMatch(words);
});

test('says of a Temporal that is away where it was looked for, what to do, and which gate of the ledger waits until when', () => {
  const away = { message: 'Temporal at 10.0.0.7:7233 cannot be reached.', remedy: 'Start it.', address: '10.0.0.7:7233' };
  const { headline, next } = situationOf({ run, view: view({ gates: [gate] }), look: null, away, nowMs });
  expect(headline).toMatch(
    /^Temporal at 10\.0\.0\.7:7233 cannot be reached\. Start it\. .*gate switch-east, attempt 2, is open for finance and it/,
  );
  expect(headline).toContain('If nobody acts by 2026-11-24 09:00:00 UTC, the run is held.');
  expect(next).toBe('temporal operator cluster health --address 10.0.0.7:7233');
});

test('says of a run no worker has opened yet that somebody must start one', () => {
  expect(situationOf({ run, view: null, look: running, nowMs }).headline).toMatch(
    /^Started; no worker has picked the run up yet.*start a worker/,
  );
});

test('says of a run that a worker picked up and cannot open why, and names the command that leads on', () => {
  const message = 'erp: the environment variable CUTOVER_ERP_PASWORD is not set in this worker';
  const trouble = [{ workflow: run, activity: 'openRun', attempt: 4, since: began.toISOString(), message }];
  const stuck = situationOf({ run, view: null, look: running, trouble, nowMs });
  expect(stuck.standing).toBe('fault');
  expect(stuck.headline).toMatch(
    /^Started, but the worker that picked the run up cannot open it in the ledger: erp: .*CUTOVER_ERP_PASWORD is not set in this worker\. .* end this run: temporal workflow terminate --workflow-id cutover\/sample\/1\./,
  );
  expect(stuck.next).toBe(commandLine('start', 'plan.yaml', '--env', 'env.yaml', '--attempt', '2'));
  const answer = { phase: 'preflight', step: 'opening', wave: null, held: null, waiting: null } as unknown as RunStatus;
  const { headline } = situationOf({ run, view: null, look: { ...running, answer }, nowMs });
  expect(headline).toMatch(/^Started; a worker opens the run in the ledger\. Nobody is waited for\./);
});

test('says of a workflow that ended before the ledger knew its run that the number is used up', () => {
  const look = { state: 'TERMINATED', failure: null, answer: null, version: null } as const;
  const { standing, headline, next } = situationOf({ run, view: null, look, nowMs });
  expect([standing, headline]).toEqual([
    'fault',
    expect.stringMatching(/^The workflow ended as TERMINATED before a worker could open the run/),
  ]);
  expect(next).toBe(commandLine('start', 'plan.yaml', '--env', 'env.yaml', '--attempt', '2'));
});

test('quotes what a shell would read otherwise', () => {
  expect(commandLine('decide', run, '--reason', "it's $HOME; done")).toMatch(/decide cutover\/sample\/1 --reason 'it'\\''s \$HOME; done'$/);
});

describe('where no worker answers, the first line says so', () => {
  const unheard = 'No worker answers: until one does, none of this happens.';
  const headlineOf = (known: RunView): string => situationOf({ run, view: known, look: running, nowMs }).headline;

  test('and not that the run runs', () => {
    expect(headlineOf(view())).toBe(
      `No worker answers, and the run stands still: phase pilot. Start a worker on the task queue. Next: ${commandLine('status', run)}`,
    );
  });

  test('behind the gate, the hold or the way back that it stands still at', () => {
    expect(headlineOf(view({ gates: [gate] }))).toContain(`the run is held. ${unheard} Next: `);
    expect(headlineOf(view({ row: { held: 'the bank is closed' } }))).toContain(`the guards go on. ${unheard} Next: `);
    const back = headlineOf(view({ waves: [wave('east', 'undoing')] }));
    expect(back).toMatch(/^Rolling back wave east\. /);
    expect(back).toContain(`the next attempt. ${unheard} Next: `);
    expect(back).not.toContain('Nobody is waited for');
  });
});
