import type { ReportException } from '../contracts/report.ts';
import { badge, table, type Html } from './html.ts';
import { instantText } from './instant.ts';

const tones: Readonly<Record<string, 'good' | 'open'>> = { open: 'open', signedOff: 'good', closed: 'good' };

/** Records a person must look at, or signed off: by key, never with their contents. */
export function exceptionsTable(exceptions: readonly ReportException[], whenEmpty: string): Html {
  const rows = exceptions.map(({ object, sourceId, account, kind, message, candidates, state, openedAt, wave }) => [
    object,
    sourceId,
    account,
    wave,
    kind,
    message,
    candidates.join(', '),
    badge(state, tones[state] ?? 'plain'),
    instantText(openedAt),
  ]);
  return table(['object', 'key', 'account', 'wave', 'kind', 'what to look at', 'ids in the target', 'state', 'since'], rows, whenEmpty);
}
