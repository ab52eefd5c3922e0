import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { childEnvironment } from '../../scripts/dev/child-environment.ts';
import { programFile } from '../../scripts/dev/program-file.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { describeAtTerminal, TerminalSession } from '../support/terminal.ts';
import { run, startStoredRun, type StoredRun } from './stored-run.ts';

const person = ['--by', 'it', '--role', 'it', '--reason', 'the bank is closed'];
const question = /\(yes\/no\) $/;

describeAtTerminal('a command at a terminal that takes back or goes on', () => {
  let stored: StoredRun;
  let session: TerminalSession;
  beforeAll(async () => {
    stored = await startStoredRun();
    const hold = { run, source: 'person', person: 'finance', role: 'finance', follows: null } as const;
    await stored.ledger.holds.place({ ...hold, scope: 'run', reason: 'the auditor is late', cause: 'one' });
    await stored.ledger.holds.place({ ...hold, scope: 'pilot', reason: 'the scanner is down', cause: 'two' });
  });
  afterAll(() => stored.stop());
  let before: unknown;
  beforeEach(async () => {
    before = await stands();
  });
  afterEach(() => {
    session.kill();
  });

  const stands = async (): Promise<unknown> => [await stored.ledger.decisions.all(run), await stored.ledger.holds.all(run)];
  const cutover = (...args: readonly string[]): TerminalSession => {
    const script = programFile('scripts/cutover.ts');
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', script, ...args, ...person];
    return new TerminalSession(command, projectRoot, childEnvironment(stored.environment));
  };
  const takesBack = [
    'A no-go at gate switch-pilot takes wave pilot back; its accounts are opened again in legacy.',
    'Cannot be undone once done: ',
    `Say no-go on gate switch-pilot, and take wave pilot of ${run} back?`,
  ];
  const goesOn = [
    /Lifts hold 1.*the auditor is late/,
    /Lifts hold 2.*the scanner is down/,
    'Everything goes on where it stood.',
    `Resume ${run}?`,
  ];
  const stays = [/Lifts hold 1.*the auditor is late/, /[Hh]old 2.*stays: the scanner is down/, 'but wave pilot.', `Resume ${run}?`];

  test.each([
    ['a no-go at a switch', ['decide', run, 'no-go'], takesBack, 'perhaps'],
    ['a resume of all that stands', ['resume', run], goesOn, 'no'],
    ['a resume of one hold of two', ['resume', run, '--hold', '1'], stays, ''],
  ])('%s says what will follow and asks; an answer that is no yes sends nothing', async (_, args, said, answer) => {
    session = cutover(...args);
    const shown = await session.until(question);
    for (const text of said) expect(shown).toMatch(text);
    session.type(`${answer}\r`);
    expect(await session.ended).not.toBe(0);
    expect(session.shown).toContain('Nothing was sent.');
    expect(await stands()).toEqual(before);
  });

  test.each([
    ['a no-go', ['decide', run, 'no-go']],
    ['a resume', ['resume', run]],
  ])('a yes to %s is what sends it', async (_, args) => {
    session = cutover(...args);
    await session.until(question);
    session.type('yes\r');
    expect(await session.ended).toBe(1);
    expect(session.shown).not.toContain('Nothing was sent.');
    expect(session.shown).toContain(`Temporal at ${stored.environment['TEMPORAL_ADDRESS'] ?? ''} cannot be reached`);
  });
});
