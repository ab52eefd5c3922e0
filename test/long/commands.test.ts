import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids } from '../../contracts/messages.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { Driver } from '../support/arena/driver.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';
import { documentedCommands, documentedStatements } from '../support/docs.ts';
import { readReport } from '../support/northwind.ts';
import { describeAtTerminal } from '../support/terminal.ts';
import { chapters } from '../docs/manual.ts';
import { Shell } from './shell.ts';

const commands = documentedCommands();
const of = (chapter: keyof typeof chapters): readonly string[] => commands.filter((command) => chapters[chapter].test(command));

describeAtTerminal('the commands of the documents, in the order of a run', () => {
  let driver: Driver;
  let shell: Shell;

  const expectAll = async (chapter: keyof typeof chapters, code: number, shown = /./, change = (command: string): string => command) => {
    for (const command of of(chapter)) {
      const result = await shell.run(change(command));
      expect({ command, ...result }).toMatchObject({ code, shown: expect.stringMatching(shown) as unknown });
    }
  };
  /** The documents speak for one role; the others of the gate follow. */
  const othersSayGo = async (gate: string): Promise<void> => {
    const { waiting } = await driver.status();
    for (const role of waiting?.gate === gate ? waiting.missing : [])
      expect(await driver.decide(waiting as NonNullable<typeof waiting>, 'go', role)).toMatchObject({ state: 'accepted' });
  };
  const tryAgain = async (): Promise<void> => {
    await driver.atGate('retry-expansion1');
    await expectAll('retryGate', 0, /^Gate retry-expansion1, attempt \d: open/);
    await expectAll('retryGo', 0, /Accepted at .*: go by it \(it\) on retry-expansion1/);
    await othersSayGo('retry-expansion1');
    await driver.untilWave('expansion1', 'loading', 'shadow', 'frozen');
  };

  beforeAll(async () => {
    const stack = await sharedStack();
    // A small plan under the name of the documents' one, with a wave of theirs: what a command does is the same with fewer accounts.
    driver = await Driver.open(stack, 'manual', {
      waves: 2,
      plan: (plan) => {
        plan['name'] = 'northwind';
        plan['waves'] = (plan['waves'] as readonly object[]).map((wave) => ({ ...wave, name: 'expansion1' }));
      },
    });
    shell = await Shell.open(join(stack.folder, 'manual-shell'), driver.business.environment, driver.files);
    driver.run = 'cutover/northwind/1';
  });
  afterAll(() => driver.close());

  test('in a clone: the names of commands, the way to call them, and one test alone', async () => {
    await expectAll('names', 0, /^Usage: cutover /, (command) => `${command} --help`);
    for (const command of of('clone')) {
      const [called = ''] = command.split(' <command>');
      const { code, shown } = await shell.run(`${called} plan check examples/northwind/plan.yaml`, projectRoot);
      expect({ command, code, shown }).toMatchObject({ code: 0, shown: expect.stringMatching(/^Plan northwind/) as unknown });
    }
    for (const command of of('oneTest')) expect(await shell.run(command, projectRoot)).toMatchObject({ code: 0 });
  });

  test('before the run: check and start', async () => {
    await expectAll('check', 0, /^Plan northwind \(env rehearsal, mode rehearsal\) moves 8 accounts\./);
    const [example = ''] = of('check').filter((command) => command.includes('examples/northwind/plan.yaml'));
    expect((await shell.run(example, projectRoot)).shown).toMatch(/^Plan northwind \(env rehearsal, mode rehearsal\) moves 91 accounts\./);
    await expectAll('start', 0, /cutover\/northwind\/1/);
  });

  test('at the first gate: status, gate, hold, resume, and a go that is asked back', async () => {
    await driver.atGate('baseline');
    await expectAll('status', 3, /^Waiting at gate baseline/);
    await expectAll('gate', 0, /^Gate baseline, attempt 1: open/);
    await expectAll('again', 0, /^Gate baseline, attempt 1: open/);
    const holds = of('hold');
    for (const [index, resume] of of('resume').entries()) {
      expect(await shell.run(holds[index % holds.length] ?? '')).toMatchObject({ code: 0 });
      await expectAll('status', 6, /^Held, since /);
      // The documents name one hold of theirs by its number; here it is the one that stands.
      const [standing] = (await driver.ledger.holds.standing(driver.run)).holds;
      const named = resume.replace(/--hold \d+/, `--hold ${String(standing?.number)}`);
      expect(await shell.run(named)).toMatchObject({ code: 0, shown: expect.stringMatching(/^Accepted at .*: resume by/m) as unknown });
    }
    expect(of('resume').length).toBeGreaterThanOrEqual(holds.length);
    await expectAll('go', 0, /Say go on gate baseline[^]*\nAccepted at .*: go by finance \(finance\) on baseline/);
    await othersSayGo('baseline');
  });

  test('at a switch gate: a go on its very facts', async () => {
    const { factsHash } = await driver.atGate('switch-pilot');
    await expectAll('pilotGate', 0, /^Gate switch-pilot, attempt 1: open/);
    await expectAll('pilotGo', 0, /^Accepted at .* on switch-pilot, attempt 1/, (command) => command.replace('<hash>', factsHash));
    await othersSayGo('switch-pilot');
    await driver.atGate('switch-expansion1');
  });

  test('back and forward again: a no-go, then a rollback of the wave by each of its commands', async () => {
    await expectAll('noGo', 0, /^Accepted at /);
    await tryAgain();
    for (const command of of('waveBack')) {
      expect(await shell.run(command)).toMatchObject({ code: 0, shown: expect.stringMatching(/\(yes\/no\) yes\nAccepted/) as unknown });
      await tryAgain();
    }
    await driver.atGate('switch-expansion1');
  });

  test('in the legacy database: the owner switches a trigger of ours on again', async () => {
    const [enable = ''] = documentedStatements().filter((statement) => statement.startsWith('alter table orders'));
    const state = `select tgenabled as state from pg_trigger where tgname = 'zz_cutover_guard' and tgrelid = 'orders'::regclass`;
    const [, off, , on] = await askDatabase(driver.business.legacy.admin, [
      enable.replaceAll(' enable always ', ' disable '),
      state,
      enable,
      state,
    ]);
    expect([off, on]).toEqual([[{ state: 'D' }], [{ state: 'A' }]]);
  });

  test('when the workflow ended: it is taken up again, whether its wave still runs or ended with it', async () => {
    const before = await erpTables(driver.business);
    await driver.handle.terminate('the test ends it');
    await expectAll('status', 1, /^The workflow ended as TERMINATED/);
    await expectAll('recover', 0, /is taken up again in phase expansion/);
    const { attempt } = await driver.atGate('switch-expansion1');
    await expectAll('status', 3, /^Waiting at gate switch-expansion1/);

    const wave = await driver.ledger.waves.get(driver.run, 'expansion1');
    await driver.client.workflow.getHandle(ids.wave(driver.run, 'expansion1', wave.attempt)).terminate('the test ends it');
    await driver.handle.terminate('the test ends it');
    await expectAll('recover', 0, /is taken up again in phase expansion/);
    expect(await driver.atGate('switch-expansion1')).toMatchObject({ attempt });
    expect(differences(before, await erpTables(driver.business))).toEqual([]);
  });

  test('at the end: the whole run back, its report, and the next attempt', async () => {
    await expectAll('runBack', 0, /^Accepted at /);
    expect(await driver.handle.result()).toMatch(/^rolled back/);
    await expectAll('status', 4, /^Rolled back at /);
    for (const command of of('report')) {
      expect(await shell.run(command)).toMatchObject({ code: 0 });
      const folder = join(shell.folder, /--out (\S+)/.exec(command)?.[1] ?? 'cutover-reports/northwind/1');
      expect((await readReport(folder)).run).toBe('cutover/northwind/1');
      expect(existsSync(join(folder, 'report.html'))).toBe(true);
    }
    await expectAll('next', 0, /cutover\/northwind\/2/);
    driver.run = 'cutover/northwind/2';
    await driver.atGate('baseline');
  });

  test('in the legacy database: the runner’s user removes what was installed, and nothing of it is left', async () => {
    const mine = driver.business.environment['CUTOVER_LEGACY_URL'] ?? '';
    const left = `select (select count(*) from pg_namespace where nspname = 'cutover')::int as schemas,
      (select count(*) from pg_trigger where tgname like '%cutover%')::int as triggers`;
    expect((await askDatabase(mine, [left]))[0]).not.toMatchObject([{ schemas: 0 }]);
    const drops = documentedStatements().filter((statement) => statement.startsWith('drop schema'));
    for (const drop of drops.toSorted()) expect(await askDatabase(mine, [drop, left])).toMatchObject([[], [{ schemas: 0, triggers: 0 }]]);
    expect(drops.length).toBeGreaterThan(0);
  });
});
