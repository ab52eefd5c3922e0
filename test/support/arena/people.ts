import type { SalesforceSeed } from '../../../sandbox/salesforce/seed-data.ts';
import type { TrytonSeed } from '../../../sandbox/tryton/seed-data.ts';
import type { Business } from '../../../scripts/dev/business.ts';
import { askDatabase, type SqlRow } from '../../../scripts/dev/sql.ts';

/** What a sale says in the target that a rollback had to leave there: written down here once more, because the oracle asks the product nothing. */
export const returnedComment = 'returned to legacy, do not ship';

/** Runs one statement in the legacy database, as its users or as its owner; returns the rows. */
export async function inLegacy(business: Business, who: 'app' | 'admin', statement: string): Promise<readonly SqlRow[]> {
  const [rows = []] = await askDatabase(business.legacy[who], [statement]);
  return rows;
}

/** A person at work in the CRM. */
export class CrmPerson {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async enter({ crm }: Business): Promise<CrmPerson> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: crm.salesClientId,
      client_secret: crm.salesClientSecret,
    });
    const response = await fetch(`${crm.url}/services/oauth2/token`, { method: 'POST', body });
    return new CrmPerson(crm.url, ((await response.json()) as { readonly access_token: string }).access_token);
  }

  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${String(response.status)} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }

  /** Makes calls until the organization counts so many of all its users. */
  async useUp(calls: number): Promise<void> {
    for (let used = 0; used < calls;) {
      const { headers } = await this.#send('GET', `/query?q=${encodeURIComponent('SELECT COUNT() FROM Lead')}`);
      used = Number(/api-usage=(\d+)/.exec(headers.get('sforce-limit-info') ?? '')?.[1]);
    }
  }

  #send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#url}/services/data/v64.0${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** A lead that a visitor of the web site leaves. */
  async postLead(lastName: string): Promise<string> {
    return (
      (await this.request('POST', '/sobjects/Lead', {
        LastName: lastName,
        Company: 'Walk-in',
        Email: `${lastName.toLowerCase()}@example.com`,
      })) as { readonly id: string }
    ).id;
  }
}

/** A table of the CRM, from the sandbox's own records. */
export async function crmTable({ crm }: Business, name: string): Promise<readonly Record<string, unknown>[]> {
  const tables = (await (await fetch(`${crm.url}/_sandbox/tables`)).json()) as Record<string, readonly Record<string, unknown>[]>;
  return tables[name] ?? [];
}

/** How many records of each model the ERP has created since it started, by its own count. */
export async function erpCreates({ erp }: Business): Promise<Readonly<Record<string, number>>> {
  return (await (await fetch(`${erp.url}/_sandbox/creates`)).json()) as Record<string, number>;
}

/** How many records of each model this user has created there, by its own count. */
export async function erpCreatesBy({ erp }: Business, user: string): Promise<Readonly<Record<string, number>>> {
  const counts = (await (await fetch(`${erp.url}/_sandbox/creates-by-user`)).json()) as Record<string, Record<string, number>>;
  return Object.fromEntries(Object.entries(counts).map(([model, byUser]) => [model, byUser[user] ?? 0]));
}

/** Sets a sandbox up otherwise than its seed did, while it runs: rights, fields, records keyed by hand. */
export async function setUp(system: { readonly url: string }, seed: TrytonSeed | SalesforceSeed): Promise<void> {
  const response = await fetch(`${system.url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(seed) });
  if (!response.ok) throw new Error(await response.text());
}

/** A table of the ERP, from the sandbox's own records; canaries aside. */
export async function erpTable({ erp }: Business, name: string): Promise<readonly Record<string, unknown>[]> {
  const tables = (await (await fetch(`${erp.url}/_sandbox/tables`)).json()) as Record<string, readonly Record<string, unknown>[]>;
  return (tables[name] ?? []).filter((row) => !JSON.stringify(row).includes('CANARY-'));
}

/** Whether the CRM's pointer names a record of the new ERP. */
export function isErpPointer(pointer: unknown): boolean {
  return typeof pointer === 'string' && pointer.startsWith('erp:');
}
