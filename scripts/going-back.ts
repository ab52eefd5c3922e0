import { sharedWave, type RunStatus, type WaitingGate } from '../contracts/messages.ts';
import { openStops, orderText } from '../domain/gates/stops.ts';
import { newestEvent, type RunView } from './run-view.ts';
import { closed, sinceText } from './sentences.ts';

/** What of a run goes back now, in words, and which gates nobody has to decide meanwhile. */
export interface GoingBack {
  readonly headline: string;
  isMoot(waiting: WaitingGate): boolean;
}

/**
 * What is being taken back, or will be at once, by the ledger and by the workflow; null where nothing is. Where something is `held`, what was ordered
 * and has not begun may wait for the resume.
 */
export function goingBack(view: RunView | null, answer: RunStatus | null, held: boolean, nowMs: number): GoingBack | null {
  const told = answer?.rollback == null ? null : orderTold(answer.rollback);
  const scopes = scopesOf(view, told?.scope ?? null, held);
  if (scopes.length === 0) return null;
  const parts = scopes.map((scope) => partText(view, scope, told?.scope === scope ? told.reason : null, nowMs));
  return {
    headline: `Rolling back ${parts.join(' Rolling back ')}`,
    // The close asks anew once a wave has gone back; what goes back with the whole run nobody decides about.
    isMoot: ({ wave }) => scopes.includes('run') || wave === sharedWave || scopes.includes(wave),
  };
}

/** The whole run goes before its waves. */
function scopesOf(view: RunView | null, told: string | null, held: boolean): readonly string[] {
  const undoing = (view?.waves ?? []).filter(({ state }) => state === 'undoing').map(({ name }) => name);
  const ordered = view === null || held ? [] : openStops(view.standing).map(({ scope }) => scope);
  const scopes = [
    ...new Set([...(view?.run.phase === 'rollback' ? ['run'] : []), ...(told === null ? [] : [told]), ...ordered, ...undoing]),
  ];
  return scopes.includes('run') ? ['run'] : scopes;
}

function partText(view: RunView | null, scope: string, told: string | null, nowMs: number): string {
  const stop = (view === null ? [] : openStops(view.standing)).find((candidate) => candidate.scope === scope);
  const isUnderWay = view?.waves.some(({ name, state }) => name === scope && state === 'undoing') === true;
  const began = isUnderWay ? newestEvent(view.events, 'rollbackBegan', scope) : null;
  const reason = began?.detail['reason'] ?? (stop === undefined ? told : orderText(stop, null));
  const since = sinceText(began?.at.toISOString() ?? null, nowMs);
  const what = scope === 'run' ? 'the whole run' : `wave ${scope}`;
  const then = scope === 'run' ? '' : ' When it has ended, its retry gate asks about the next attempt.';
  return `${what}${since}${typeof reason === 'string' ? `: ${closed(reason)}` : '.'}${then}`;
}

/** What the workflow tells of the rollback that it was ordered: `<scope>: <reason>`. */
function orderTold(rollback: string): { readonly scope: string; readonly reason: string } {
  const [scope = ''] = rollback.split(': ', 1);
  return { scope, reason: rollback.slice(scope.length + 2) };
}
