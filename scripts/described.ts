import { markdownLine } from '../contracts/markdown.ts';
import { asDetails, asSummary } from '../contracts/metadata.ts';
import type { Env } from '../domain/plan/env.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { outlookLines, outlookOf } from '../reports/outlook.ts';

/** What people read of the run in Temporal before they open it: one line, and what will happen, in Markdown. */
export function described(plan: Plan, env: Env): { readonly staticSummary: string; readonly staticDetails: string } {
  const waves = plan.waves.map((wave) => wave.name).join(', ');
  return {
    staticSummary: asSummary(`Cutover of ${plan.name} (${env.mode}): pilot ${plan.pilot.name}, then ${waves}`),
    staticDetails: asDetails(outlookLines(outlookOf(plan, env)).map(paragraph).join('\n')),
  };
}

/** A line of the outlook; one that is no entry of a list begins a paragraph of its own, instead of going on with the entry before it. */
function paragraph(line: string): string {
  const shown = markdownLine(line);
  return /^\s*(?:\d+\.|-) /.test(line) ? shown : `\n${shown}\n`;
}
