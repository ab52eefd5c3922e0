import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { quorum, votesIn, type Vote } from '../../../domain/gates/quorum.ts';
import { roles, type Role } from '../../../domain/plan/names.ts';

const go = (role: Role, by: string): Vote => ({ verb: 'go', role, by });
const noGo = (role: Role, by: string): Vote => ({ verb: 'noGo', role, by });
const votes = fc.array(
  fc.record({
    verb: fc.constant('go' as const),
    role: fc.constantFrom(...roles),
    by: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
  { maxLength: 8 },
);
const required = fc.subarray([...roles], { maxLength: 4 });

/** The most roles that can be seated, by trying every assignment. */
function bestSeating(wanted: readonly Role[], given: readonly Vote[], taken: readonly string[] = []): number {
  const [role, ...rest] = wanted;
  if (role === undefined) return 0;
  const people = new Set(given.filter((vote) => vote.verb === 'go' && vote.role === role && !taken.includes(vote.by)).map(({ by }) => by));
  return Math.max(bestSeating(rest, given, taken), ...[...people].map((person) => 1 + bestSeating(rest, given, [...taken, person])));
}

test('votes are what is go or no-go under a role we know; holds, strange roles and none at all are no votes', () => {
  expect(
    votesIn([
      { verb: 'go', role: 'finance', person: 'ada' },
      { verb: 'noGo', role: 'it', person: 'bo' },
      { verb: 'hold', role: 'it', person: 'bo' },
      { verb: 'go', role: 'janitor', person: 'bo' },
      { verb: 'go', role: null, person: 'bo' },
    ]),
  ).toEqual([go('finance', 'ada'), noGo('it', 'bo')]);
});

describe('a quorum', () => {
  test('is met when every role has a go from a person of its own', () => {
    expect(quorum(['finance', 'it'], [go('finance', 'ada'), go('it', 'bo')])).toEqual({
      met: true,
      missing: [],
      seats: [
        { role: 'finance', by: 'ada' },
        { role: 'it', by: 'bo' },
      ],
      stopped: null,
    });
  });

  test('names the roles that are missing', () => {
    expect(quorum(['finance', 'it'], [go('it', 'bo')])).toMatchObject({
      met: false,
      missing: ['finance'],
    });
  });

  test('lets nobody fill two seats', () => {
    expect(quorum(['finance', 'it'], [go('finance', 'ada'), go('it', 'ada')])).toMatchObject({ met: false, missing: ['it'] });
  });

  test('moves a person to another seat where somebody else can take over', () => {
    expect(quorum(['finance', 'it'], [go('finance', 'ada'), go('it', 'ada'), go('finance', 'bo')])).toMatchObject({
      met: true,
      missing: [],
    });
  });

  test('asks for a role once, however often it is named', () => {
    expect(quorum(['it', 'it'], [go('it', 'bo')])).toMatchObject({ met: true });
  });
});

describe('a no-go', () => {
  test('stops the attempt, before or after a go of the same role', () => {
    const stopped = { role: 'finance', by: 'ada' };
    expect(quorum(['finance'], [go('finance', 'ada'), noGo('finance', 'ada')])).toMatchObject({ met: false, stopped });
    expect(quorum(['finance'], [noGo('finance', 'ada'), go('finance', 'ada')])).toMatchObject({ met: false, stopped });
  });

  test('stops it from a role that the gate does not ask for', () => {
    expect(quorum(['finance'], [go('finance', 'ada'), noGo('it', 'bo')])).toMatchObject({ met: false, stopped: { role: 'it', by: 'bo' } });
  });
});

test('as many seats are filled as any assignment could fill', () => {
  fc.assert(
    fc.property(required, votes, (wanted, given) => {
      const { missing, met } = quorum(wanted, given);
      expect(wanted.length - missing.length).toBe(bestSeating(wanted, given));
      expect(met).toBe(missing.length === 0);
    }),
  );
});

test('every seat is filled by a go of that person for that role, and nobody sits twice', () => {
  fc.assert(
    fc.property(required, votes, (wanted, given) => {
      const { seats } = quorum(wanted, given);
      for (const { role, by } of seats) expect(given).toContainEqual(go(role, by));
      expect(new Set(seats.map(({ by }) => by)).size).toBe(seats.length);
    }),
  );
});

test('the order of the votes changes nothing', () => {
  fc.assert(fc.property(required, votes, (wanted, given) => quorum(wanted, given).met === quorum(wanted, given.toReversed()).met));
});
