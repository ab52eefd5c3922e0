import { exec } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/dev/project.ts';
import { readReport } from '../support/northwind.ts';
import { describeAtTerminal, stillRunning, TerminalSession } from '../support/terminal.ts';

/** A second terminal. */
const shell = (command: string): Promise<{ readonly stdout: string }> => promisify(exec)(command, { cwd: projectRoot });

const ctrlC = '\u0003';
const question = /Gate (\S+), attempt \d+\. Type go or no-go: $/;

describeAtTerminal('the demo at a terminal', () => {
  let folder: string;
  let session: TerminalSession;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-terminal-'));
  });
  afterEach(async () => {
    session.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const demo = (...flags: readonly string[]): TerminalSession => {
    const script = join(projectRoot, 'scripts/dev/demo.ts');
    return new TerminalSession([process.execPath, '--disable-warning=ExperimentalWarning', script, '--out', folder, ...flags], projectRoot);
  };

  test('shows the evidence of each gate, takes plain answers only, carries out a no-go and a rollback, and keeps everything up until Enter', async () => {
    session = demo();
    const link = /Temporal UI, as long as the demo lives: (\S+)/.exec(await session.until(/Temporal UI.*\n/))?.[1] ?? '';
    const [, second = '', run = ''] = /^.*terminal: (.*) status (\S+)\n/.exec(await session.until(/From a second terminal: .*\n/)) ?? [];

    const baseline = await session.until(question);
    expect(baseline).toMatch(/Gate baseline, attempt 1: open\..*\n(.*\n)*Limits:\n {3}- pass: missingReferences is 0/);
    for (const [typed, said] of [
      ['', 'An empty line is no answer; nothing was sent.'],
      ['sure', '"sure" is no answer; nothing was sent.'],
    ] as const) {
      session.type(`${typed}\r`);
      expect(await session.until(question)).toContain(said);
    }
    session.type('no-go\r');
    const held = await session.until(/The run is held\. Type resume or rollback: $/);
    expect(held).toMatch(/finance \(finance\): no-go at baseline\n/);
    session.type('resume\r');
    const again = await session.until(question);
    expect(again).toMatch(/it \(it\): resume\n/);
    expect(again).toContain('Gate baseline, attempt 2: open.');
    // The second Enter comes while nobody is asked, and must not decide what comes next.
    session.type('go\r\r');

    const gates: string[] = [];
    for (const answer of ['no-go', 'go', null]) {
      const shown = await session.until(question);
      const gate = question.exec(shown)?.[1] ?? '';
      expect(shown).toMatch(new RegExp(`Gate ${gate}, attempt \\d: open\\.[^]*Limits:\n`));
      gates.push(gate);
      if (answer !== null) session.type(`${answer}\r`);
    }
    expect(gates).toEqual(['switch-pilot', 'retry-pilot', 'switch-pilot']);
    // The line for a second terminal leads to this very run; what is asked for there is asked about here.
    expect((await shell(`${second} status ${run}`).catch((error: unknown) => error as { readonly stdout: string })).stdout).toMatch(
      /^Waiting at gate switch-pilot/,
    );
    await shell(`${second} hold ${run} --by it --role it --reason lunch`);
    session.type('go\r');
    expect(await session.until(/The run is held\. Type resume or rollback: $/)).toContain('Held: lunch.');
    session.type('rollback\r');
    expect(await session.until(/Everything is still up\. Press Enter to stop it\. $/)).toContain('The run ended: rolled back');
    const report = await readReport(folder);
    expect(report.state).toBe('rolledBack');
    expect(report.rollbacks.map(({ wave, attempt, state }) => [wave, attempt, state])).toEqual([
      ['pilot', 1, 'rolledBack'],
      ['pilot', 2, 'rolledBack'],
      ['shared', 1, 'rolledBack'],
    ]);
    const decided = report.gates.flatMap(({ gate, decisions }) => decisions.map(({ verb, person }) => `${gate} ${verb} ${person}`));
    expect(decided.filter((line) => line.startsWith('baseline') || line.includes('noGo')).sort()).toEqual([
      'baseline go finance',
      'baseline go it',
      'baseline noGo finance',
      'switch-pilot noGo sales-ops',
    ]);

    expect((await fetch(link)).status).toBe(200);
    const running = session.processes();
    for (const part of ['temporal server', 'bin/postgres', 'workers/main', 'tryton/main', 'salesforce/main', 'fault-proxy/main'])
      expect({ part, runs: running.some(({ command }) => command.includes(part)) }).toEqual({ part, runs: true });
    session.type('\r');
    expect(await session.ended).toBe(0);
    expect(stillRunning(running)).toEqual([]);
    await expect(fetch(link)).rejects.toThrow();
  });

  test.each([
    ['at a question', [], question],
    ['in the middle of a load, where it reaches all processes at once', ['--yes'], /wave pilot: loading\n/],
    ['while the servers start', [], /Starting the Tryton and Salesforce sandboxes/],
  ] as const)('stops everything on Ctrl-C %s', async (_, flags, moment) => {
    session = demo(...flags);
    await session.until(moment);
    const running = session.processes();
    expect(running.some(({ command }) => command.includes('bin/postgres'))).toBe(true);
    session.type(ctrlC);
    expect(await session.ended).toBe(130);
    expect(await session.until(/$/)).toMatch(
      /Interrupted\. Stopping everything \.\.\.\n[^]*Interrupted: everything is stopped, and nothing of the run is kept\.\n$/,
    );
    expect(session.shown).not.toMatch(/Error|demo: |at .*\.ts:/);
    expect(stillRunning(running)).toEqual([]);
  });
});
