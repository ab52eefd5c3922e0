import { markdownLine } from '../contracts/markdown.ts';
import type { Env } from '../domain/plan/env.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { outlookLines, outlookOf } from '../reports/outlook.ts';

/** Bytes the server takes of a summary and of details (user metadata limits of the Temporal server: 400 and 20,000), with room for longer letters. */
const [summarySize, detailsSize] = [200, 10_000];

/** What people read of the run in Temporal before they open it: one line, and what will happen, in Markdown. */
export function described(plan: Plan, env: Env): { readonly staticSummary: string; readonly staticDetails: string } {
  const waves = plan.waves.map((wave) => wave.name).join(', ');
  return {
    staticSummary: `Cutover of ${plan.name} (${env.mode}): pilot ${plan.pilot.name}, then ${waves}`.slice(0, summarySize),
    staticDetails: outlookLines(outlookOf(plan, env)).map(paragraph).join('\n').slice(0, detailsSize),
  };
}

/** A line of the outlook; one that is no entry of a list begins a paragraph of its own, instead of going on with the entry before it. */
function paragraph(line: string): string {
  const shown = markdownLine(line);
  return /^\s*(?:\d+\.|-) /.test(line) ? shown : `\n${shown}\n`;
}
