import type { WaitingGate } from '../contracts/messages.ts';
import type { ReportDecision, ReportGate, ReportLimit } from '../contracts/report.ts';
import { exceptionText } from '../domain/exceptions/key-text.ts';
import type { TakenBack } from '../domain/gates/worse.ts';
import { equationText, equationVerdict } from '../reports/equation.ts';
import { limitsCompleteness } from '../reports/gates.ts';
import { instantText } from '../reports/instant.ts';
import { commandLine } from './command-line.ts';
import { roleText } from './people.ts';
import type { RunView } from './run-view.ts';
import { closed } from './sentences.ts';
import { decideCommands, ifNobody } from './at-gate.ts';

/** A gate attempt for people: what to know first, its evidence with the first exceptions of each kind or `all` of them, what is decided and what is missing, and the command that decides it. */
export function gateLines(run: string, view: RunView, gate: ReportGate, waiting: WaitingGate, all = false): readonly string[] {
  const isOpen = gate.state === 'open';
  return [
    `Gate ${gate.gate}, attempt ${String(gate.attempt)}: ${gate.state}. Opened ${instantText(gate.openedAt)}${gate.endedAt === null ? '' : `, ended ${instantText(gate.endedAt)}`}.`,
    `Facts ${gate.factsHash}`,
    ...block('Shut by its limits; no go can open it until they pass', gate.shut),
    ...block('To know before you decide', gate.notices),
    ...block('Points of no return', gate.pointsOfNoReturn),
    ...(gate.takenBack === null ? [] : takenBackLines(gate.takenBack)),
    ...block('Limits', gate.limits.map(limitText)),
    ...block(
      'Completeness',
      gate.equations.map((equation) => `${equationVerdict(equation, limitsCompleteness(gate))}: ${equationText(equation)}`),
    ),
    ...exceptionLines(run, gate, reasonsOf(view), all),
    ...block('Configuration that is not as it was frozen', gate.configuration),
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

/** Why the records of a run need a person, by how its gates name them: what the ledger was told last. */
export function reasonsOf({ exceptions }: Pick<RunView, 'exceptions'>): ReadonlyMap<string, string> {
  return new Map(exceptions.map((exception) => [exceptionText(exception), exception.message]));
}

/** Exceptions of one kind that are named where not all are asked for. */
const namedOfEach = 20;

/** How many exceptions of each kind are open, and the first of them, each with its reason. Each is named `<object> <key>: <kind>`. */
function exceptionLines(
  run: string,
  { gate, exceptions }: ReportGate,
  reasons: ReadonlyMap<string, string>,
  all: boolean,
): readonly string[] {
  const reasoned = (text: string): string => (reasons.has(text) ? `${text}: ${reasons.get(text) ?? ''}` : text);
  const kinds = [...Map.groupBy(exceptions, (text) => text.slice(text.lastIndexOf(': ') + 2))];
  const counts = kinds.map(([kind, { length }]) => `${kind} ${String(length)}`).join(', ');
  const left = all ? 0 : kinds.reduce((sum, [, { length }]) => sum + Math.max(0, length - namedOfEach), 0);
  return [
    ...block(
      `Open exceptions (${counts})`,
      kinds.flatMap(([, some]) => (all ? some : some.slice(0, namedOfEach)).map(reasoned)),
    ),
    ...(left === 0 ? [] : [`   and ${String(left)} more; all of them: ${commandLine('gate', run, gate, '--all')}`]),
  ];
}

function limitText({ metric, value, max, verdict, detail }: ReportLimit): string {
  return `${verdict}: ${metric} is ${value === null ? 'missing' : String(value)}, allowed is ${String(max)} (${detail})`;
}

/** A decision in one line, with whether it counted. */
export function decisionText({ at, verb, person, role, reason, outcome, detail }: ReportDecision): string {
  return `${instantText(at)}: ${verb} by ${person === '' ? 'an unreadable message' : person}${role === null ? '' : ` (${role})`}, ${outcome}: ${detail}${reason === '' ? '' : ` ("${reason}")`}`;
}
