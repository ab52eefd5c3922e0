import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { Probe } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import type { Client } from './client.ts';
import { EntranceRefused } from './failure.ts';
import { quoted, select } from './soql.ts';
import type { Observed } from './transport.ts';

interface ProbeInput {
  readonly system: string;
  readonly client: Client;
  readonly plan: SalesforceSystem;
  readonly observed: Observed;
  readonly open: () => Promise<Client>;
  readonly revoke: (accessToken: string) => Promise<void>;
}

/** Characters our custom fields must hold: an effect id is a SHA-256 in hexadecimal; a pointer is `system:id`. */
const customFieldLength = 64;

/** `clockSkewMs` comes from a header without fractions: exact to half a second and the way of the answer. */
export async function probeSalesforce(input: ProbeInput): Promise<Probe> {
  const { system, client, plan, observed } = input;
  const { login } = client;
  const versions = await client.versions();
  const known = versions.includes(plan.apiVersion);
  const problems = known
    ? await organizationProblems(input)
    : [
        `The organization does not offer API version ${plan.apiVersion}, but ${versions.at(-1) ?? 'none'} at most; correct apiVersion in the plan`,
      ];
  return {
    instance: `salesforce:${login.organizationId}`,
    version: `API ${plan.apiVersion}`,
    user: known ? await username(client) : login.userId,
    clockSkewMs: Math.round(observed.clockSkewMs),
    problems: problems.map((problem) => `${system}: ${problem}`),
  };
}

async function username(client: Client): Promise<string> {
  const { userId } = client.login;
  const [user] = await client.query(select(['Id', 'Username'], 'User', `Id = ${quoted(userId)}`));
  return typeof user?.['Username'] === 'string' ? user['Username'] : userId;
}

async function organizationProblems(input: ProbeInput): Promise<readonly string[]> {
  const { client, plan } = input;
  return [
    ...(await rightsProblems(client)),
    ...accountProblems(plan, await client.describe('Account')),
    ...leadProblems(await client.describe('Lead')),
    ...(await fenceProblems(input)),
  ];
}

/**
 * Whoever may modify all data is not held by any right we ask for; profiles have a permission set of their own, so this finds both.
 * Salesforce shows assignments only to who may view the setup: a user who may not see them is no administrator.
 */
async function rightsProblems(client: Client): Promise<readonly string[]> {
  const mighty = `AssigneeId = ${quoted(client.login.userId)} AND PermissionSet.PermissionsModifyAllData = true`;
  try {
    const found = await client.query(select(['Id'], 'PermissionSetAssignment', mighty, 1));
    if (found.length === 0) return [];
  } catch (error) {
    if (error instanceof AdapterError && (error.kind === 'notFound' || error.kind === 'unsupported')) return [];
    throw error;
  }
  return [
    'The user of the connected app is an administrator (it may modify all data); use a dedicated user that may only read users, read and edit accounts, and read, create, edit and delete leads',
  ];
}

function accountProblems(plan: SalesforceSystem, account: DescribeSObjectResult): readonly string[] {
  const problems: string[] = [];
  if (!account.queryable || !account.updateable)
    problems.push(
      'The user of the connected app lacks the right to read and edit accounts; give it both, or the switch cannot repoint them',
    );
  for (const [name, use] of [
    [plan.pointerField, 'points to the book of record'],
    [plan.markerField, 'proves a record ours'],
  ] as const) {
    const field = account.fields.find((other) => other.name === name);
    if (field === undefined)
      problems.push(
        `Account has no field ${name}, which ${use}; create it as a text field of ${String(customFieldLength)} characters and let the user read and edit it`,
      );
    else if (field.length < customFieldLength || (account.updateable && !field.updateable))
      problems.push(
        `The field ${name} of Account must be a text of at least ${String(customFieldLength)} characters that the user may edit`,
      );
  }
  if (!account.fields.some((field) => field.name === plan.keyField && field.filterable))
    problems.push(`Account has no searchable field ${plan.keyField} to hold the legacy customer number; correct keyField in the plan`);
  return problems;
}

function leadProblems(lead: DescribeSObjectResult): readonly string[] {
  return lead.queryable && lead.createable && lead.updateable && lead.deletable
    ? []
    : [
        'The user of the connected app lacks the right to read, create, edit and delete leads; give it all four: canary leads prove that intake works',
      ];
}

/**
 * The fence stands on two things that an organization's settings can take away: every login has a token of its own, and a
 * revoked token is refused. Both are tried.
 */
async function fenceProblems({ client, open, revoke }: ProbeInput): Promise<readonly string[]> {
  const second = await open();
  if (second.login.accessToken === client.login.accessToken)
    return [
      'Two logins of the connected app share one access token, so a stale process cannot be shut out alone; let every login have its own session',
    ];
  await revoke(second.login.accessToken);
  try {
    await second.describe('Lead');
  } catch (error) {
    if (error instanceof EntranceRefused) return [];
    throw error;
  }
  return [
    'A revoked access token was still accepted, so a stale process cannot be shut out; check the session settings of the connected app',
  ];
}
