import { markdownText } from '../../contracts/markdown.ts';
import type { RunStatus, WaitingGate } from '../../contracts/messages.ts';

/** Who decides, in which role and why stays open in every command. In a code span Markdown leaves the placeholders as they are. */
const signed = '--by <you> --role <role> --reason "<why>"';

/** The current details of a run, as Temporal UI shows them: a list in Markdown, with the next commands ready to be copied. */
export function detailsOf({ run, phase, wave, step, held, stops, waiting, rollback, refused }: RunStatus): string {
  const lines = [`- phase: ${phase}`, ...(wave === null ? [] : [`- wave: ${wave}, ${markdownText(step)}`])];
  if (held !== null) lines.push(`- held: ${markdownText(held)}`, `- next: \`cutover resume ${run} ${signed}\``);
  lines.push(...stops.map((stop) => `- stands: ${markdownText(stop)}`));
  if (rollback !== null) lines.push(`- rolling back ${markdownText(rollback)}`);
  if (waiting !== null) lines.push(...waitingLines(run, waiting));
  if (refused > 0) lines.push(`- refused messages: ${String(refused)}`);
  return lines.join('\n');
}

/** For what or whom a gate waits, since when, what happens otherwise, and the commands that lead on. */
function waitingLines(
  run: string,
  { gate, attempt, factsHash, shut, missing, since, deadline, atDeadline }: WaitingGate,
): readonly string[] {
  const isDecided = shut.length === 0 && missing.length === 0;
  const forWhat = shut.length > 0 ? shut.join('; ') : isDecided ? 'its evidence, measured once more' : missing.join(', ');
  const otherwise = deadline === null ? 'it goes on waiting' : `${atDeadline} at ${deadline}`;
  const go = `\`cutover decide ${run} go --gate ${gate} --attempt ${String(attempt)} --facts ${factsHash} ${signed}\``;
  return [
    `- waiting for: ${markdownText(forWhat)}, since ${since}`,
    `- ${isDecided ? 'everybody has decided; if it does not open' : 'if nobody decides'}: ${otherwise}`,
    `- next: \`cutover gate ${run} ${gate}\``,
    ...(shut.length === 0 && missing.length > 0 ? [`- go: ${go}`] : []),
    `- no-go: \`cutover decide ${run} no-go --gate ${gate} ${signed}\``,
  ];
}
