import type { Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { completeness } from '../../domain/waves/completeness.ts';

const nothing = { count: 0, money: {} };
const balanced = completeness({
  object: 'customer',
  source: { count: 3, money: {} },
  created: { count: 3, money: {} },
  matched: nothing,
  archived: nothing,
  left: nothing,
  exceptions: nothing,
  rounding: {},
});

/** A run as the runner would have left it in the ledger: opened with these documents, one wave loaded, its switch gate open with one go of two. */
export async function storeRun(ledger: Ledger, run: string, plan: unknown, env: unknown): Promise<{ readonly factsHash: string }> {
  const [planHash, envHash] = [documentHash(plan), documentHash(env)];
  await ledger.runs.storeDocument(planHash, 'plan', plan);
  await ledger.runs.storeDocument(envHash, 'env', env);
  await ledger.runs.open(run, planHash, envHash);
  await ledger.runs.bindScope(run, `scope of ${run}`, 0);
  await ledger.waves.plan(run, ['shared', 'pilot', 'expansion1']);
  await ledger.runs.setPhase(run, 'parallelRun');
  await ledger.trail.note(run, null, 'phase', { phase: 'parallelRun' });
  await ledger.trail.note(run, 'pilot', 'waveOpened', { attempt: 1, accounts: 12 });
  await ledger.waves.move({ run, wave: 'pilot', attempt: 1 }, 'loading');
  const [lane = 0] = await ledger.lanes.plan({ run, wave: 'pilot', attempt: 1, kind: 'load', object: 'customer' }, ['ALFKI'], 10);
  await ledger.lanes.count(lane, { applied: 3, refused: 0 });
  await ledger.trail.note(run, 'pilot', 'verified', { unexplained: 0, exceptions: 1, equations: [balanced] });
  await ledger.exceptions.open(run, 'pilot', [
    {
      object: 'crmAccount',
      sourceId: 'ALFKI',
      account: 'ALFKI',
      kind: 'twoMatches',
      message: 'Two records match.',
      candidates: ['001', '002'],
    },
  ]);
  await ledger.guards.store(run, {
    guard: 'write-errors',
    wave: 'pilot',
    attempt: 1,
    segment: 1,
    verdict: 'pass',
    warn: false,
    secondLook: false,
    reason: 'none of 3',
    k: 0,
    n: 3,
    eValue: null,
    answer: null,
  });
  const facts = {
    of: { run, gate: 'switch-pilot', waveAttempt: 1 },
    takenBack: null,
    limits: [{ metric: 'unexplained' as const, value: 0, max: 0, verdict: 'pass' as const, detail: '0 of 3' }],
    exceptions: ['crmAccount ALFKI: twoMatches'],
    equations: [balanced],
    pointsOfNoReturn: ['confirming the orders'],
    plan: planHash,
    env: envHash,
  };
  const factsHash = documentHash(facts);
  await ledger.gates.open({
    run,
    gate: 'switch-pilot',
    kind: 'switch',
    wave: 'pilot',
    waveAttempt: 1,
    facts,
    factsHash,
    shut: [],
    notices: ['From this go on 3 documents are confirmed.'],
    deadlineMs: 3_600_000,
    validityMs: 7_200_000,
    call: 'sample',
  });
  await ledger.decisions.record({
    requestId: `${run}-first`,
    run,
    verb: 'go',
    gate: 'switch-pilot',
    attempt: 1,
    factsHash,
    person: 'finance',
    role: 'finance',
    scope: null,
    reason: 'the books agree',
    messageHash: 'none',
    outcome: 'accepted',
    detail: 'counted',
  });
  await ledger.decisions.record({
    requestId: `${run}-second`,
    run,
    verb: 'go',
    gate: 'switch-pilot',
    attempt: 1,
    factsHash,
    person: 'it',
    role: 'finance',
    scope: null,
    reason: 'wrong chair',
    messageHash: 'none',
    outcome: 'refused',
    detail: 'This person neither holds the role nor stands in for somebody who does.',
  });
  return { factsHash };
}
