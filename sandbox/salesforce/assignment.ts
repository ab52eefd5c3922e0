import type { SandboxRequest } from '../http-server.ts';
import type { Organization } from './organization.ts';
import type { StoredRecord } from './store.ts';
import type { Access } from './users.ts';

interface Maker {
  readonly organization: Organization;
  readonly access: Access;
  readonly request: SandboxRequest;
}

/** Gives a new lead to whom the active rule says, here the sales user, unless the call says not to ("Assignment Rule Header"). Jobs name no rule. */
export function assign({ organization, access, request }: Maker, record: StoredRecord): void {
  const { store, users } = organization;
  if (record.type !== 'Lead' || request.headers['sforce-auto-assign']?.toUpperCase() === 'FALSE') return;
  if (store.all('AssignmentRule').some(({ values }) => values['Active'] === true))
    store.update(record, { OwnerId: users.sales }, access.id);
}
