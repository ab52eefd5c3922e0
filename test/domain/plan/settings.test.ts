import { describe, expect, test } from 'vitest';
import { checkPlanWithEnv } from '../../../domain/plan/check.ts';
import { sampleEnv, samplePlan } from '../../support/sample-plan.ts';

const settings = (...names: readonly string[]): Record<string, { readonly env: string }> =>
  Object.fromEntries(names.map((name) => [name, { env: 'ANY' }]));

/** Problems of the sample env with one system entered by these settings, as `path: message remedy`. */
function problems(system: string, ...names: readonly string[]): string[] {
  const env = sampleEnv((raw) => Object.assign(raw.systems, { [system]: settings(...names) }));
  return checkPlanWithEnv(samplePlan(), env).map(({ path, message, remedy }) => `${path.join('.')}: ${message} ${remedy}`);
}

test('an archive without its folder is refused, instead of being written wherever the worker runs', () => {
  expect(problems('vault')).toEqual([
    'systems.vault.folder: System "vault" (archive) lacks the setting folder. Add systems.vault.folder, by environment variable.',
  ]);
});

test('a setting that its adapter never reads is refused, with those it does', () => {
  expect(problems('legacy', 'url', 'folder')).toEqual([
    'systems.legacy.folder: System "legacy" (sql) has no setting "folder". Remove it, or use one of: url.',
  ]);
  expect(problems('erp', 'url', 'database', 'user', 'pasword')).toEqual([
    'systems.erp.pasword: System "erp" (tryton) has no setting "pasword". Remove it, or use one of: url, database, user, password, commitHorizonMs.',
    'systems.erp.password: System "erp" (tryton) lacks the setting password. Add systems.erp.password, by environment variable.',
  ]);
});

describe('the two ways to log in to Salesforce', () => {
  test.each([[['clientSecret']], [['username', 'privateKey', 'audience', 'instanceUrl', 'commitHorizonMs']]])(
    'are each enough alone: %j',
    (login) => {
      expect(problems('crm', 'loginUrl', 'clientId', ...login)).toEqual([]);
    },
  );

  test('are told where neither is there', () => {
    expect(problems('crm', 'loginUrl', 'clientId', 'audience')).toEqual([
      'systems.crm: System "crm" (salesforce) does not say how to log in. Add clientSecret, or username and privateKey, by environment variable.',
    ]);
  });

  test('may not be mixed, and one that was begun is needed whole', () => {
    expect(problems('crm', 'loginUrl', 'clientId', 'clientSecret', 'username')).toEqual([
      'systems.crm: System "crm" (salesforce) names two ways to log in. Keep one: clientSecret, or username and privateKey.',
    ]);
    expect(problems('crm', 'loginUrl', 'clientId', 'username')).toEqual([
      'systems.crm.privateKey: System "crm" (salesforce) lacks the setting privateKey. Add systems.crm.privateKey, by environment variable.',
    ]);
  });
});
