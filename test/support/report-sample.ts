import type { ReportData, ReportException } from '../../contracts/report.ts';
import { completeness } from '../../domain/waves/completeness.ts';

const nothing = { count: 0, money: {} };
const at = '2026-11-24T08:10:11.000Z';

/** The open orders of a wave, with a cent that the two systems' rounding rules explain. */
export const ordersEquation = completeness({
  object: 'orders',
  source: { count: 3, money: { net: '100.02', freight: '0' } },
  created: { count: 2, money: { net: '60.01', freight: '0' } },
  matched: { count: 1, money: { net: '40.00', freight: '0' } },
  archived: nothing,
  left: nothing,
  exceptions: nothing,
  rounding: { net: '0.01' },
});

export const remainingSale: ReportException = {
  id: 7,
  wave: 'east',
  object: 'orders',
  sourceId: '11074',
  account: 'SIMOB',
  kind: 'remains',
  message: 'A confirmed sale remains.',
  candidates: ['42'],
  state: 'open',
  openedAt: at,
};

/** A run that had a gate, a rollback with something left, and an archive; `change` changes it before it is used. */
export function sampleReport(change: Partial<ReportData> = {}): ReportData {
  const decision = {
    requestId: 'request-1',
    at,
    verb: 'go',
    person: 'ada',
    role: 'finance',
    gate: 'switch-east',
    attempt: 1,
    factsHash: 'f'.repeat(64),
    scope: null,
    reason: 'seen',
    outcome: 'accepted',
    detail: 'counted',
  };
  return {
    run: 'cutover/sample/1',
    plan: 'sample',
    mode: 'rehearsal',
    planHash: 'a'.repeat(64),
    envHash: 'b'.repeat(64),
    state: 'rolledBackWithExceptions',
    phase: 'ended',
    held: null,
    startedAt: at,
    endedAt: at,
    generatedAt: at,
    events: [
      { at, wave: null, kind: 'phase', detail: { phase: 'pilot' } },
      { at, wave: 'east', kind: 'rollbackBegan', detail: { reason: 'writeErrors: 3 of 9', attempt: 1 } },
    ],
    gates: [
      {
        gate: 'switch-east',
        attempt: 1,
        takenBack: null,
        wave: 'east',
        state: 'go',
        openedAt: at,
        deadlineAt: at,
        endedAt: null,
        factsHash: 'f'.repeat(64),
        limits: [{ metric: 'unexplained', value: null, max: 0, verdict: 'inconclusive', detail: 'not measured' }],
        exceptions: ['orders 11074: twoMatches'],
        equations: [ordersEquation],
        pointsOfNoReturn: ['a confirmed sale'],
        configuration: ['crm: changed: field Lead.Status: picklist, 255'],
        shut: ['unexplained could not be measured'],
        notices: ['3 documents are confirmed'],
        decisions: [decision],
      },
    ],
    decisions: [
      decision,
      {
        ...decision,
        requestId: 'request-2',
        verb: 'decide',
        person: '',
        role: null,
        gate: null,
        attempt: null,
        outcome: 'refused',
        detail: 'The decision was not understood',
      },
    ],
    verdicts: [
      {
        guard: 'writeErrors',
        wave: 'east',
        attempt: 1,
        segment: 1,
        verdict: 'breach',
        warn: false,
        reason: '3 of 9',
        k: 3,
        n: 9,
        eValue: null,
        answer: 'rollback',
        at,
        answeredAt: null,
      },
    ],
    waves: [
      {
        name: 'east',
        state: 'rolledBack',
        attempt: 1,
        accounts: 2,
        generation: 1,
        openedAt: at,
        switchedAt: null,
        frozenMs: 95_000,
        loadedBeforeMs: 3_600_000,
        counters: [{ attempt: 1, object: 'orders', kind: 'load', name: 'applied', value: 3 }],
        equations: [ordersEquation],
        verifiedAt: at,
      },
    ],
    exceptions: [remainingSale],
    rollbacks: [
      {
        wave: 'east',
        attempt: 1,
        reason: 'writeErrors: 3 of 9',
        beganAt: at,
        endedAt: at,
        state: 'rolledBackWithExceptions',
        undone: 5,
        kept: 1,
        left: ['orders, 1 record: 11077. In state processing the system lets nobody take it back.'],
        remaining: [remainingSale],
      },
    ],
    archive: [
      { object: 'orders', part: 'orders-00001', rows: 809, newest: 809, lines: 2082, sha256: 'c'.repeat(64), money: { net: '1239855.85' } },
    ],
    ...change,
  };
}
