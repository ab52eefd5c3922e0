import type { Organization } from './organization.ts';
import type { SalesforceSeed } from './seed-data.ts';
import { createRecord } from './saving.ts';

/** Adds users, and records as the sales user would key them; throws a sentence where the seed does not fit. */
export function applySeed(organization: Organization, seed: SalesforceSeed): void {
  const { store, users } = organization;
  for (const user of seed.users ?? []) store.insert('User', { ...user, Email: user.Email.toLowerCase() }, users.admin);
  const sales = organization.access(users.sales);
  for (const { ownerEmail, pointer, ...fields } of seed.accounts ?? []) {
    const owner = store.all('User').find((user) => user.values['Email'] === ownerEmail.toLowerCase());
    if (owner === undefined) throw new Error(`the seed names an owner ${ownerEmail} who is not among its users`);
    const record = createRecord(organization, sales, 'Account', fields);
    // People own their accounts still when they have left, which a new record would not be let do.
    store.update(record, { OwnerId: owner.values['Id'] ?? null, BookOfRecord__c: pointer }, sales.id);
  }
  for (const rule of seed.assignmentRules ?? []) {
    const there = store.all('AssignmentRule').find(({ values }) => values['Name'] === rule.Name);
    if (there === undefined) store.insert('AssignmentRule', { ...rule, SobjectType: 'Lead' }, users.admin);
    else store.update(there, { Active: rule.Active }, users.admin);
  }
  for (const lead of seed.leads ?? []) createRecord(organization, sales, 'Lead', { ...lead });
}
