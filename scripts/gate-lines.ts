import type { WaitingGate } from '../contracts/messages.ts';
import type { ReportDecision, ReportGate, ReportLimit } from '../contracts/report.ts';
import type { TakenBack } from '../domain/gates/worse.ts';
import { equationText, equationVerdict } from '../reports/equation.ts';
import { limitsCompleteness } from '../reports/gates.ts';
import { instantText } from '../reports/instant.ts';
import { commandLine } from './command-line.ts';
import { roleText } from './people.ts';
import type { RunView } from './run-view.ts';
import { closed } from './sentences.ts';
import { decideCommands, ifNobody } from './at-gate.ts';

/** A gate attempt for people: its evidence, what is decided and what is missing, and the command that decides it. */
export function gateLines(run: string, view: RunView, gate: ReportGate, waiting: WaitingGate): readonly string[] {
  const isOpen = gate.state === 'open';
  return [
    `Gate ${gate.gate}, attempt ${String(gate.attempt)}: ${gate.state}. Opened ${instantText(gate.openedAt)}${gate.endedAt === null ? '' : `, ended ${instantText(gate.endedAt)}`}.`,
    `Facts ${gate.factsHash}`,
    ...block('Shut by its limits; no go can open it until they pass', gate.shut),
    ...(gate.takenBack === null ? [] : takenBackLines(gate.takenBack)),
    ...block('Limits', gate.limits.map(limitText)),
    ...block(
      'Completeness',
      gate.equations.map((equation) => `${equationVerdict(equation, limitsCompleteness(gate))}: ${equationText(equation)}`),
    ),
    ...block('Open exceptions', gate.exceptions),
    ...block('Configuration that is not as it was frozen', gate.configuration),
    ...block('Points of no return', gate.pointsOfNoReturn),
    ...block('To know before you decide', gate.notices),
    ...block('Decisions', gate.decisions.map(decisionText)),
    ...(isOpen
      ? [`Missing: ${waiting.missing.map((role) => roleText(view.env, role)).join(' and ') || 'nobody'}. ${ifNobody(waiting)}`]
      : []),
    ...(isOpen ? decideLines(run, gate, waiting) : []),
  ];
}

/** The go beside the no-go; a gate that is shut by its limits takes a no-go only, and can be measured again. */
function decideLines(run: string, { shut }: ReportGate, waiting: WaitingGate): readonly string[] {
  const { go, noGo } = decideCommands(run, waiting);
  return [
    ...(shut.length === 0 && waiting.missing.length > 0 ? [`Go: ${go}`] : []),
    `No-go: ${noGo}`,
    ...(shut.length === 0 ? [] : [`Measure again: ${commandLine('gate', run, '--again')}`]),
  ];
}

function block(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `   - ${item}`)];
}

/** Why the wave was taken back, what the systems said, what was undone and what remains. */
function takenBackLines({ attempt, reason, found, undone, kept, left = [], remains }: TakenBack): readonly string[] {
  return [
    `Attempt ${String(attempt)} of the wave was taken back: ${closed(reason)}`,
    ...block(`What was wrong with its records (${String(found.count)})`, found.samples),
    `Undone: ${String(undone)} writes. Kept: ${String(kept)}.`,
    ...block('What stays in the target, and why', left),
    ...block(`What remains and wants a person (${String(remains.count)})`, remains.samples),
  ];
}

function limitText({ metric, value, max, verdict, detail }: ReportLimit): string {
  return `${verdict}: ${metric} is ${value === null ? 'missing' : String(value)}, allowed is ${String(max)} (${detail})`;
}

/** A decision in one line, with whether it counted. */
export function decisionText({ at, verb, person, role, reason, outcome, detail }: ReportDecision): string {
  return `${instantText(at)}: ${verb} by ${person === '' ? 'an unreadable message' : person}${role === null ? '' : ` (${role})`}, ${outcome}: ${detail}${reason === '' ? '' : ` ("${reason}")`}`;
}
