import { createHash } from 'node:crypto';
import type { Probe } from '../../contracts/adapter.ts';
import type { TrytonSystem } from '../../domain/plan/systems.ts';
import type { Reader } from './caller.ts';
import type { Login } from './rpc.ts';
import type { JsonObject } from './values.ts';
import { instantText, isObject, textOf } from './values.ts';

type Right = 'read' | 'write' | 'create' | 'delete';

/** The rights a load and its way back need, by model. */
const neededRights: Readonly<Record<string, readonly Right[]>> = {
  'party.party': ['read', 'write', 'create', 'delete'],
  'product.template': ['read', 'write', 'create', 'delete'],
  'product.product': ['read', 'write', 'create', 'delete'],
  'sale.sale': ['read', 'write', 'create', 'delete'],
  'sale.line': ['read', 'write', 'create', 'delete'],
  'account.tax': ['read'],
  'account.invoice.payment_term': ['read'],
  'account.invoice': ['read'],
};

/** Rights that only administrators hold: with them the runner could change users and rights. */
const excessiveRights: Readonly<Record<string, readonly Right[]>> = {
  'res.user': ['write', 'create', 'delete'],
  'ir.model': ['write'],
  'account.tax': ['write'],
};

export interface ProbeInput {
  readonly plan: TrytonSystem;
  readonly system: string;
  readonly database: string;
  readonly version: string;
  readonly login: Login;
  readonly context: JsonObject;
  readonly clockSkewMs: number;
}

/** Identity, clock and rights. The instance is named by what lies in the database: its name, its company and when that was created. */
export async function probeTryton(reader: Reader, input: ProbeInput): Promise<Probe> {
  const company = Number(input.context['company'] ?? 0);
  const [found] = await reader.search('company.company', [['id', '=', company]], ['rec_name', 'create_date', 'currency.code']);
  const models = [...new Set([...Object.keys(neededRights), ...Object.keys(excessiveRights)])];
  const rights = await reader.table('model.ir.model.access.get_access', [models]);
  const currencies = await reader.count('currency.currency', [['code', '=', input.plan.currency]]);
  return {
    instance: instanceOf(input.database, found),
    version: input.version,
    user: input.login.user,
    clockSkewMs: input.clockSkewMs,
    problems: [
      ...companyProblems(input, found),
      ...(currencies === 0
        ? [`${input.system}: Tryton has no currency ${input.plan.currency}. Import the currencies, or correct the plan.`]
        : []),
      ...rightProblems(input, rights),
    ],
  };
}

function instanceOf(database: string, company: JsonObject | undefined): string {
  const birth = company === undefined ? 'no company' : `${String(textOf(company['rec_name']))} ${JSON.stringify(company['create_date'])}`;
  return `tryton:${database}:${createHash('sha256').update(birth).digest('hex').slice(0, 12)}`;
}

function companyProblems({ plan, system, login }: ProbeInput, company: JsonObject | undefined): readonly string[] {
  if (company === undefined) return [`${system}: user ${login.user} has no company. Set one on the user, or sales fail.`];
  const name = textOf(company['rec_name']) ?? '';
  return name === plan.company
    ? []
    : [
        `${system}: user ${login.user} works for company "${name}" since ${String(instantText(company['create_date']))}, the plan names "${plan.company}". Correct the one or the other.`,
      ];
}

function rightProblems({ system, login, context }: ProbeInput, rights: JsonObject): readonly string[] {
  const missing = list(neededRights, rights, false);
  const excessive = list(excessiveRights, rights, true);
  const administrator = context['administrator'] === true || excessive.length > 0;
  return [
    ...(missing.length === 0
      ? []
      : [`${system}: user ${login.user} lacks rights in Tryton: ${missing.join(', ')}. Add the groups Product Administration and Sales.`]),
    ...(administrator
      ? [`${system}: user ${login.user} is an administrator. Use a dedicated user with only the groups Product Administration and Sales.`]
      : []),
  ];
}

/** Rights of the table that the user has (`held`) or has not. */
function list(table: Readonly<Record<string, readonly Right[]>>, rights: JsonObject, held: boolean): readonly string[] {
  return Object.entries(table).flatMap(([model, wanted]) => {
    const access = rights[model];
    return wanted.filter((right) => (isObject(access) && Boolean(access[right])) === held).map((right) => `${right} ${model}`);
  });
}
