import type { SandboxReply, SandboxRequest } from '../http-server.ts';
import type { Journal } from '../journal.ts';
import { ApiError } from './errors.ts';
import type { Organization } from './organization.ts';
import { createRecord } from './saving.ts';

/** Names of the form on the company's web page, and the lead's fields. */
const fields: Readonly<Record<string, string>> = {
  ...{ last_name: 'LastName', first_name: 'FirstName', company: 'Company', email: 'Email', phone: 'Phone' },
  ...{ lead_source: 'LeadSource', description: 'Description' },
};

/** Takes the form a visitor of a web page posts; Salesforce answers 200 whatever becomes of it. Null for any other path. */
export function webToLead(organization: Organization, journal: Journal, request: SandboxRequest): SandboxReply | null {
  if (request.method !== 'POST' || request.path !== '/servlet/servlet.WebToLead') return null;
  const form = new URLSearchParams(request.body);
  const given = Object.fromEntries([...form].flatMap(([name, value]) => (fields[name] === undefined ? [] : [[fields[name], value]])));
  const sales = organization.access(organization.users.sales);
  try {
    createRecord(organization, sales, 'Lead', given);
    journal.created('Lead', 'web', 1);
    journal.record(null, 'POST web-to-lead', 'ok');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    journal.record(null, 'POST web-to-lead', error.errorCode);
  }
  return { status: 200, body: '' };
}
