import type { ReportEvent } from '../contracts/report.ts';

type Detail = ReportEvent['detail'];
type Sentence = (detail: Detail) => string;

function text(detail: Detail, name: string): string {
  const value = detail[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** What each kind of event says; the others are shown as they were noted. */
const sentences: Readonly<Record<string, Sentence>> = {
  phase: (detail) => `Phase ${text(detail, 'phase')} began.`,
  preflight: (detail) =>
    text(detail, 'problems') === '0' ? 'Preflight found nothing missing.' : `Preflight found ${text(detail, 'problems')} problems.`,
  preflightProblems: (detail) =>
    `Preflight: ${Object.keys(detail)
      .map((name) => text(detail, name))
      .join('; ')}`,
  configurationFrozen: () => 'The configuration of the legacy system is frozen; its fingerprint is stored.',
  exported: (detail) => `Full baseline: ${text(detail, 'staged')} records staged, ${text(detail, 'archived')} archived.`,
  held: (detail) => `Held: ${text(detail, 'reason')}`,
  resumed: () => 'Resumed.',
  sealsHandedOver: () => 'No legacy user can write any more: the seals are handed over, and our triggers are gone.',
  sealsStay: (detail) => `The seals stay in legacy, because these users can still write there: ${text(detail, 'writers')}.`,
  ended: (detail) => `The run ended: ${text(detail, 'state')}.`,
  waveOpened: (detail) => `Attempt ${text(detail, 'attempt')} opened with ${text(detail, 'accounts')} accounts.`,
  loaded: (detail) => `Attempt ${text(detail, 'attempt')} is loaded; legacy is still the book.`,
  frozen: (detail) =>
    `${text(detail, 'accounts')} accounts frozen in legacy, generation ${text(detail, 'generation')}, until ${text(detail, 'leaseUntil')}.`,
  takenUp: (detail) =>
    `${text(detail, 'accounts')} accounts that had stayed in legacy with wave ${text(detail, 'from')} go with this wave: ${text(detail, 'named')}.`,
  thawed: (detail) => `${text(detail, 'accounts')} accounts opened again in legacy.`,
  sealed: (detail) => `${text(detail, 'accounts')} accounts sealed in legacy.`,
  changedBehindSeal: () => 'Something changed in legacy past the freeze; it is loaded, verified and voted on again.',
  switched: (detail) => `${text(detail, 'accounts')} accounts switched: the target is their book of record.`,
  delta: (detail) => `Delta: ${text(detail, 'changed')} records changed, ${text(detail, 'archived')} archived.`,
  soughtAnew: (detail) =>
    `${text(detail, 'records')} records of ${text(detail, 'object')} that people had removed from the target are looked for anew, and made where they are not found.`,
  verified: (detail) => `Verified: ${text(detail, 'unexplained')} unexplained, ${text(detail, 'exceptions')} exceptions.`,
  guard: (detail) => `Guard ${text(detail, 'guard')}: ${text(detail, 'verdict')}. ${text(detail, 'reason')}`,
  rollbackBegan: (detail) => `Rollback of attempt ${text(detail, 'attempt')} began: ${text(detail, 'reason')}`,
  rolledBack: (detail) =>
    `Rollback ended ${text(detail, 'state')}: ${text(detail, 'undone')} effects undone, ${text(detail, 'kept')} kept, ${text(detail, 'remaining')} left for people.`,
  newBusiness: (detail) => `${text(detail, 'documents')} documents entered in the new system since the switch were exported.`,
  gateOpened: (detail) =>
    `Gate ${text(detail, 'gate')}, attempt ${text(detail, 'attempt')}, opened${text(detail, 'shut') === '0' ? '' : `, shut by ${text(detail, 'shut')} limits`}.`,
  gateEnded: (detail) =>
    `Gate ${text(detail, 'gate')}, attempt ${text(detail, 'attempt')}: ${text(detail, 'state')} (${text(detail, 'detail')}).`,
  decision: (detail) =>
    `${text(detail, 'verb')} by ${text(detail, 'by')} (${text(detail, 'role')}) ${text(detail, 'outcome')}: ${text(detail, 'detail')}`,
  decisionRepeated: (detail) => `A message of ${text(detail, 'by')} came again and was not counted twice.`,
};

/** An event as one sentence. */
export function eventText({ kind, detail }: ReportEvent): string {
  const known = sentences[kind];
  if (known !== undefined) return known(detail);
  const rest = Object.keys(detail).map((name) => `${name} ${text(detail, name)}`);
  return rest.length === 0 ? kind : `${kind}: ${rest.join(', ')}`;
}
