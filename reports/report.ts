import { sharedWave } from '../contracts/messages.ts';
import type { ReportData, ReportVerdict } from '../contracts/report.ts';
import { equationTable } from './equation.ts';
import { eventText } from './event-text.ts';
import { exceptionsTable } from './exceptions.ts';
import { decisionsTable, gatesSection, limitsCompleteness } from './gates.ts';
import { badge, html, list, table, type Cell, type Html } from './html.ts';
import { instantText } from './instant.ts';
import { style } from './style.ts';
import { rollbacksSection, wavesSection } from './waves.ts';

const endTones: Readonly<Record<string, 'good' | 'bad' | 'open'>> = {
  closed: 'good',
  open: 'open',
  refused: 'bad',
  rolledBack: 'open',
  rolledBackWithExceptions: 'bad',
};
const verdictTones: Readonly<Record<string, 'good' | 'bad' | 'open'>> = { pass: 'good', breach: 'bad', error: 'bad', inconclusive: 'open' };

/** The report of a run as one HTML page that needs nothing from outside; every text in it is escaped. */
export function reportHtml(data: ReportData): string {
  const sections: readonly (readonly [string, string, Html])[] = [
    ['whole', 'Does everything add up?', wholeSection(data)],
    ['timeline', 'Timeline', timelineSection(data)],
    ['gates', 'Gates, evidence and decisions', gatesSection(data.gates)],
    ['messages', 'All messages', decisionsTable(data.decisions, 'No message was recorded.')],
    ['guards', 'Guards', guardsSection(data.verdicts)],
    ['waves', 'Waves', wavesSection(data)],
    ['exceptions', 'Exceptions', exceptionsTable(data.exceptions, 'No record needed a person.')],
    ['rollbacks', 'Rollbacks', rollbacksSection(data)],
    ['archive', 'Archive', archiveSection(data)],
  ];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${data.run}: ${data.state}</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        ${header(data)}
        <nav>${sections.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
        ${sections.map(
          ([id, title, body]) =>
            html`<h2 id="${id}">${title}</h2>
              ${body}`,
        )}
      </body>
    </html> `;
  return `${page.markup.trim()}\n`;
}

function header(data: ReportData): Html {
  const held = data.held === null ? null : html`<p><strong>Held:</strong> ${data.held}</p>`;
  return html`<h1>${data.run} ${badge(data.state, endTones[data.state] ?? 'plain')}</h1>
    <p class="lead">
      Plan ${data.plan ?? 'unreadable'}, mode ${data.mode ?? 'unknown'}, phase ${data.phase}. Started ${instantText(data.startedAt)}, ended
      ${instantText(data.endedAt)}. Report of ${instantText(data.generatedAt)}.
    </p>
    ${held} ${overview(data)}
    <p class="hash">plan ${data.planHash}<br />env ${data.envHash}</p>`;
}

/** The run in a few sentences: its waves, its gates, what came back and what waits for a person. */
function overview({ waves, gates, rollbacks, exceptions }: ReportData): Html | null {
  const open = exceptions.filter(({ state }) => state === 'open').length;
  const signedOff = exceptions.filter(({ state }) => state === 'signedOff').length;
  return list([
    ...waves.map(({ name, state, attempt }) => `Wave ${name}: ${state}, attempt ${String(attempt)}.`),
    `Gate attempts: ${String(gates.length)}, of them ${String(gates.filter(({ state }) => state === 'go').length)} with a go. Rollbacks: ${String(rollbacks.length)}.`,
    `Exceptions: ${String(open)} open, ${String(signedOff)} signed off.`,
  ]);
}

/** The equation of the whole run: the one the newest gate over all waves was decided on. */
function wholeSection({ gates }: ReportData): Html {
  const newest = gates.filter(({ wave, equations }) => wave === sharedWave && equations.length > 0).at(-1);
  if (newest === undefined)
    return html`<p class="none">No gate over the whole run was opened yet; each wave's own equations stand below.</p>`;
  return html`<p class="lead">As measured for gate ${newest.gate}, attempt ${newest.attempt}, ${instantText(newest.openedAt)}.</p>
    ${newest.equations.map((equation) => equationTable(equation, limitsCompleteness(newest)))}`;
}

function timelineSection({ events }: ReportData): Html {
  return table(
    ['at', 'wave', 'what happened'],
    events.map((event) => [instantText(event.at), event.wave, eventText(event)]),
    'Nothing happened yet.',
  );
}

function guardsSection(verdicts: readonly ReportVerdict[]): Html {
  const headings = ['at', 'guard', 'wave', 'verdict', 'bad', 'of', 'why', 'answer'];
  return table(headings, verdicts.map(verdictRow), 'No guard has judged yet.');
}

function verdictRow({ at, guard, wave, attempt, verdict, k, n, reason, answer, answeredAt }: ReportVerdict): readonly Cell[] {
  const answered =
    answer === null ? null : `${answer}${answeredAt === null ? ', not answered yet' : `, answered ${instantText(answeredAt)}`}`;
  return [
    instantText(at),
    guard,
    `${wave}, attempt ${String(attempt)}`,
    badge(verdict, verdictTones[verdict] ?? 'plain'),
    k,
    n,
    reason,
    answered,
  ];
}

function archiveSection({ archive }: ReportData): Html {
  const rows = archive.map(({ part, object, rows: count, newest, lines, money, sha256 }) => [
    part,
    object,
    count,
    newest,
    lines,
    Object.entries(money)
      .map(([name, amount]) => `${name} ${amount}`)
      .join(', '),
    html`<span class="hash">${sha256}</span>`,
  ]);
  return table(['part', 'object', 'records', 'newest copies', 'lines', 'money', 'SHA-256'], rows, 'Nothing was archived.');
}
