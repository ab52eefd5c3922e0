import type { Visit } from './resources.ts';
import type { StoredRecord } from './store.ts';

/** Gives a new lead to whom the active rule says, here the sales user, unless the call says not to ("Assignment Rule Header"). Jobs name no rule. */
export function assign({ organization, access, request }: Visit, record: StoredRecord): void {
  const { store, users } = organization;
  if (record.type !== 'Lead' || request.headers['sforce-auto-assign']?.toUpperCase() === 'FALSE') return;
  if (store.all('AssignmentRule').some(({ values }) => values['Active'] === true))
    store.update(record, { OwnerId: users.sales }, access.id);
}
