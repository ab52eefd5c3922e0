import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { Probe } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import type { Client } from './client.ts';
import { compositeVersion } from './composite.ts';
import { EntranceRefused } from './failure.ts';
import { salesforceObjects } from './objects.ts';
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
    ? [...versionProblems(plan), ...(await organizationProblems(input))]
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

function versionProblems({ apiVersion }: SalesforceSystem): readonly string[] {
  if (Number(apiVersion) >= compositeVersion) return [];
  return [
    `API version ${apiVersion} does not take the calls of a composite request in their order; give ${String(compositeVersion)}.0 or a newer one as apiVersion in the plan`,
  ];
}

async function username(client: Client): Promise<string> {
  const { userId } = client.login;
  const [user] = await client.query(select(['Id', 'Username'], 'User', `Id = ${quoted(userId)}`));
  return typeof user?.['Username'] === 'string' ? user['Username'] : userId;
}

async function organizationProblems(input: ProbeInput): Promise<readonly string[]> {
  const { client, plan } = input;
  const [account, lead, user] = [await client.describe('Account'), await client.describe('Lead'), await client.describe('User')];
  return [
    ...(await rightsProblems(client)),
    ...accountProblems(plan, account),
    ...leadProblems(lead),
    ...hiddenProblems(plan, [account, lead, user]),
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
        `Account has no field ${name}, which ${use}, or the user may not see it; create it as a text field of ${String(customFieldLength)} characters and let the user read and edit it`,
      );
    else if (field.type !== 'string' || field.length < customFieldLength || (account.updateable && !field.updateable))
      problems.push(
        `The field ${name} of Account must be a text of at least ${String(customFieldLength)} characters that the user may edit; it is of type ${field.type}${field.restrictedPicklist ? ', which takes only the values of its list' : ''}`,
      );
  }
  const key = account.fields.find((field) => field.name === plan.keyField);
  if (key?.filterable !== true)
    problems.push(
      `Account has no searchable field ${plan.keyField} that the user may see, to hold the legacy customer number; correct keyField in the plan, or let the user see the field`,
    );
  else if (!textTypes.has(key.type))
    problems.push(
      `The field ${plan.keyField} of Account is of type ${key.type}; name as keyField a text, for numbers lose their zeros and signs`,
    );
  return problems;
}

/** Types of fields that hold a customer number as it is. */
const textTypes: ReadonlySet<string> = new Set(['string', 'phone', 'email', 'url']);

/** Fields that the adapter reads and the user may not see: Salesforce leaves them out of the description and refuses every query of them. */
function hiddenProblems(plan: SalesforceSystem, described: readonly DescribeSObjectResult[]): readonly string[] {
  const told = new Set([plan.pointerField, plan.markerField, plan.keyField]);
  return Object.values(salesforceObjects(plan)).flatMap((object) => {
    const visible = new Set(described.find(({ name }) => name === object.type)?.fields.map(({ name }) => name));
    const hidden = object.fields.filter((field) => !visible.has(field) && !(object.type === 'Account' && told.has(field)));
    if (hidden.length === 0) return [];
    return [
      `The user of the connected app may not see the fields ${hidden.join(', ')} of ${object.type}; make them visible to it by field-level security, or nothing of ${object.type} can be read`,
    ];
  });
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
