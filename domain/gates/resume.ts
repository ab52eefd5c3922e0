import { holdText, standingOn, stopText, type Hold, type Standing, type Stop } from './stops.ts';

/** What a resume lifts, what stays, and what follows; each a sentence for the person who is about to send it, and for the record. */
export interface ResumeSentences {
  readonly lifts: readonly string[];
  readonly stays: readonly string[];
  readonly follows: readonly string[];
}

function sentence(text: string): string {
  const whole = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** What a stop does as soon as nothing holds its wave any more, or what it has done. */
function followsOf(stop: Stop): string {
  const what = stop.scope === 'run' ? 'The whole run' : `Wave ${stop.scope}`;
  if (stop.back === 'done') return `${what} has been taken back; its retry gate decides about its next attempt.`;
  return `${what} ${stop.back === 'underWay' ? 'is being' : 'will be'} taken back, because ${sentence(stopText(stop)).replace(/^A/, 'a')}`;
}

/** Whether nothing holds what this stop concerns once these holds stay. */
function isFree(stop: Stop, stays: readonly Hold[]): boolean {
  return stop.scope === 'run' || standingOn({ holds: stays, stops: [] }, stop.scope).holds.length === 0;
}

/** Says what a resume of these holds brings about, by what stands now. */
export function afterResume({ holds, stops }: Standing, lifted: readonly number[]): ResumeSentences {
  const going = holds.filter(({ number }) => lifted.includes(number));
  const stays = holds.filter(({ number }) => !lifted.includes(number));
  const waves = stays.filter(({ scope }) => scope !== 'run').map(({ scope }) => scope);
  const goesOn = stays.some(({ scope }) => scope === 'run')
    ? 'Nothing begins yet: the run stays held.'
    : waves.length > 0
      ? `Everything goes on where it stood, but wave ${[...new Set(waves)].join(' and ')}.`
      : 'Everything goes on where it stood.';
  const breaches = going.some(({ source }) => source === 'guard') ? ['The breaches that led to it count as answered.'] : [];
  return {
    lifts: going.map((hold) => sentence(`lifts ${holdText(hold)}`)),
    stays: stays.map((hold) => sentence(`${holdText(hold)} stays`.replace(/: (.*) stays$/, ' stays: $1'))),
    follows: [
      ...going.flatMap(({ follows }) => (follows === null ? [] : [sentence(follows)])),
      ...breaches,
      ...new Set(stops.filter((stop) => isFree(stop, stays)).map(followsOf)),
      goesOn,
    ],
  };
}
