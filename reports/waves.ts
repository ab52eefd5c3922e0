import type { ReportCounter, ReportData, ReportRollback, ReportWave } from '../contracts/report.ts';
import { equationTable } from './equation.ts';
import { exceptionsTable } from './exceptions.ts';
import { frozenText } from './frozen-text.ts';
import { badge, html, list, table, type Html } from './html.ts';
import { instantText } from './instant.ts';

const tones: Readonly<Record<string, 'good' | 'bad' | 'open'>> = {
  switched: 'good',
  closed: 'good',
  rolledBack: 'open',
  rolledBackWithExceptions: 'bad',
};

/** Every wave with its state, what its lanes counted, and whether its records add up in count and money. */
export function wavesSection({ waves }: ReportData): Html {
  if (waves.length === 0) return html`<p class="none">No wave was planned yet.</p>`;
  return html`${waves.map(waveHtml)}`;
}

function waveHtml(wave: ReportWave): Html {
  const accounts = wave.accounts === null ? 'not opened yet' : `${String(wave.accounts)} accounts`;
  const equations =
    wave.equations.length === 0
      ? html`<p class="none">It was not verified yet.</p>`
      : html`<p class="lead">Verified ${instantText(wave.verifiedAt)}.</p>
          ${wave.equations.map((equation) => equationTable(equation, true))}`;
  return html`<section>
    <h3>${wave.name} ${badge(wave.state, tones[wave.state] ?? 'plain')}</h3>
    <p class="lead">
      Attempt ${wave.attempt}, ${accounts}, opened ${instantText(wave.openedAt)}, frozen ${wave.generation} times, switched
      ${instantText(wave.switchedAt)}. ${sentence(frozenText(wave))}
    </p>
    ${table(['attempt', 'object', 'lanes', 'counted', 'records'], wave.counters.map(counterRow), 'Its lanes counted nothing.')}${equations}
  </section>`;
}

function sentence(text: string): string | null {
  return text === '' ? null : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function counterRow({ attempt, object, kind, name, value }: ReportCounter): readonly (string | number)[] {
  return [String(attempt), object, kind, name, value];
}

/** Every rollback with its reason, what it undid, and what remained. */
export function rollbacksSection({ rollbacks }: ReportData): Html {
  if (rollbacks.length === 0) return html`<p class="none">Nothing was taken back.</p>`;
  return html`${rollbacks.map(rollbackHtml)}`;
}

function rollbackHtml({ wave, attempt, reason, beganAt, endedAt, state, undone, kept, left, remaining }: ReportRollback): Html {
  const counts = state === null ? 'It is not finished.' : `${String(undone ?? 0)} effects undone, ${String(kept ?? 0)} kept.`;
  const tone = state === 'rolledBack' ? 'good' : state === null ? 'open' : 'bad';
  return html`<section>
    <h3>${wave}, attempt ${String(attempt ?? 0)} ${badge(state ?? 'under way', tone)}</h3>
    <p><strong>Reason:</strong> ${reason}</p>
    <p class="lead">Began ${instantText(beganAt)}, ended ${instantText(endedAt)}. ${counts}</p>
    ${list(left)} ${exceptionsTable(remaining, 'Nothing remained.')}
  </section>`;
}
