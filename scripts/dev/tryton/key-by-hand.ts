import type { SeedParty } from '../../../sandbox/tryton/seed-data.ts';
import { ErpPerson, type ErpAddress } from '../erp-person.ts';

/** Enters parties into a real Tryton as the person `sales` would, one after the other. */
export async function keyByHand(erp: ErpAddress, parties: readonly SeedParty[]): Promise<void> {
  if (parties.length === 0) return;
  const person = await ErpPerson.enter(erp);
  for (const party of parties) {
    const addresses = await Promise.all(
      (party.addresses ?? []).map(async ({ street, city, postalCode, country }) => {
        const [id] = country == null ? [] : await person.search('country.country', [['code', '=', country]]);
        return { street: street ?? null, city: city ?? null, postal_code: postalCode ?? null, country: id ?? null };
      }),
    );
    const phone = party.phone == null ? [] : [{ type: 'phone', value: party.phone }];
    await person.call('party.party.create', [
      {
        ...(party.code == null ? {} : { code: party.code }),
        name: party.name,
        addresses: [['create', addresses]],
        contact_mechanisms: [['create', phone]],
      },
    ]);
  }
}
