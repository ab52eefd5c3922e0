import type { ReportDecision, ReportGate, ReportLimit } from '../contracts/report.ts';
import type { TakenBack } from '../domain/gates/worse.ts';
import { equationTable } from './equation.ts';
import { badge, html, list, table, type Cell, type Html } from './html.ts';
import { instantText } from './instant.ts';

const tones: Readonly<Record<string, 'good' | 'bad' | 'open'>> = { go: 'good', noGo: 'bad', expired: 'bad', open: 'open' };
const limitTones: Readonly<Record<string, 'good' | 'bad' | 'open'>> = { pass: 'good', breach: 'bad', inconclusive: 'open' };

/** All gates in the order they were opened: what each attempt showed, and who decided what on it. */
export function gatesSection(gates: readonly ReportGate[]): Html {
  if (gates.length === 0) return html`<p class="none">No gate was opened.</p>`;
  return html`${gates.map(gateHtml)}`;
}

function gateHtml(gate: ReportGate): Html {
  const deadline = gate.deadlineAt === null ? 'no deadline' : `deadline ${instantText(gate.deadlineAt)}`;
  return html`<section>
    <h3>${gate.gate}, attempt ${gate.attempt} ${badge(gate.state, tones[gate.state] ?? 'plain')}</h3>
    <p class="lead">
      Opened ${instantText(gate.openedAt)}, ${deadline}, ended ${instantText(gate.endedAt)}. Facts
      <span class="hash">${gate.factsHash}</span>
    </p>
    ${list(gate.shut.map((reason) => `Shut: ${reason}`))} ${gate.takenBack === null ? null : takenBackHtml(gate.takenBack)}
    ${table(['metric', 'value', 'allowed', 'verdict', 'detail'], gate.limits.map(limitRow), 'It had no limit.')}
    ${gate.equations.map((equation) => equationTable(equation, limitsCompleteness(gate)))}
    ${list(gate.exceptions.map((exception) => `Open exception: ${exception}`))}
    ${list(gate.configuration.map((change) => `Configuration is not as it was frozen: ${change}`))}
    ${list(gate.pointsOfNoReturn.map((point) => `Point of no return: ${point}`))} ${list(gate.notices)}
    <h4>Decisions</h4>
    ${decisionsTable(gate.decisions, 'Nobody decided on this attempt.')}
  </section>`;
}

/** How the attempt before came to be taken back: the reason, the systems' own words, what was undone and what remains. */
function takenBackHtml({ attempt, reason, found, undone, kept, left = [], remains }: TakenBack): Html {
  return html`<p>
      Attempt ${attempt} of the wave was taken back: ${reason} Undone: ${undone} writes, kept: ${kept}. Records with something wrong:
      ${found.count}; remaining for a person: ${remains.count}.
    </p>
    ${list([...found.samples, ...left, ...remains.samples])}`;
}

/** Whether a gate is shut by what is unexplained; before everything is loaded it may not be. */
export function limitsCompleteness({ limits }: ReportGate): boolean {
  return limits.some(({ metric }) => metric === 'unexplained');
}

function limitRow({ metric, value, max, verdict, detail }: ReportLimit): readonly Cell[] {
  return [metric, value === null ? 'missing' : String(value), String(max), badge(verdict, limitTones[verdict] ?? 'plain'), detail];
}

/** Decisions with who gave them, on what, and whether they counted. */
export function decisionsTable(decisions: readonly ReportDecision[], whenEmpty: string): Html {
  const headings = ['at', 'verb', 'by', 'role', 'on', 'reason', 'outcome', 'request'];
  return table(headings, decisions.map(decisionRow), whenEmpty);
}

function decisionRow({
  at,
  verb,
  person,
  role,
  gate,
  attempt,
  scope,
  reason,
  outcome,
  detail,
  requestId,
}: ReportDecision): readonly Cell[] {
  const on = gate === null ? (scope ?? 'the run') : `${gate}, attempt ${String(attempt ?? 0)}`;
  const verdict = html`${badge(outcome, outcome === 'accepted' ? 'good' : 'bad')} ${detail}`;
  return [
    instantText(at),
    verb,
    person === '' ? 'unreadable' : person,
    role,
    on,
    reason,
    verdict,
    html`<span class="hash">${requestId}</span>`,
  ];
}
