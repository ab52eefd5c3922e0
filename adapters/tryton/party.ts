import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import { addressOf, addressReads } from './address.ts';
import type { Domain } from './caller.ts';
import { anyActivity, oneOf, stampText } from './caller.ts';
import type { TrytonObject } from './object.ts';
import { likePattern, origin, originFields, stampsIn } from './object.ts';
import { codeClause, codeOf, codeReads } from './party-code.ts';
import { createParties, deactivateParties, deleteParties, reactivateParties, updateParties } from './party-write.ts';
import { firstMechanism, markerPrefix } from './party-parts.ts';
import { onlyKnown } from './row-fields.ts';
import type { Json, JsonObject } from './values.ts';
import { folded, objectsOf, phoneDigits, textOf } from './values.ts';

/**
 * A customer: `code` (unique, inactive ones included; of a party numbered before us kept as an identifier, see party-code.ts), `name`, `contactPerson` (the name on the phone entry), `phone`, `fax` and
 * `addresses`, a positional list. Created ones carry the identifier `cutover:<effect id>`. Stamps cover the party, its addresses
 * and its contact entries; an address added by hand since the read is seen only by reading again.
 */
export const party: TrytonObject = {
  model: 'party.party',
  capability: {
    keyField: 'code',
    keyIsUnique: true,
    proof: 'marker',
    rest: null,
    conditionalWrite: true,
    paces: {},
    undo: { active: 'delete', inactive: 'delete' },
    volatile: [],
    decimals: [],
    halfWay: [],
    activated: [],
    owner: null,
    void: [],
  },
  // Lengths are the database's own (lengths.ts).
  shape: ['code', 'name', 'contactPerson', 'phone', 'fax', 'addresses'].map((name) => ({
    name,
    required: name === 'code' || name === 'name',
    maxLength: null,
  })),
  keyClause: codeClause,
  always: anyActivity,
  parts: ['addresses', 'contact_mechanisms', 'identifiers'],
  reads: [
    ...codeReads,
    ...['name', 'active', 'addresses._timestamp'],
    ...addressReads('addresses.'),
    ...['type', 'value', 'name', '_timestamp'].map((name) => `contact_mechanisms.${name}`),
    ...originFields,
  ],
  toRecord,
  criteriaDomain,
  matches,
  operations: {
    create: createParties,
    update: updateParties,
    delete: deleteParties,
    deactivate: deactivateParties,
    reactivate: reactivateParties,
  },
};

function toRecord(row: JsonObject, userId: number): TargetRecord {
  const addresses = objectsOf(row['addresses.']);
  const mechanisms = objectsOf(row['contact_mechanisms.']);
  const phone = firstMechanism(mechanisms, 'phone');
  return {
    ...origin(row, userId),
    state: row['active'] === true ? 'active' : 'inactive',
    stamp: stampText({
      ...stampsIn('party.party', [row]),
      ...stampsIn('party.address', addresses),
      ...stampsIn('party.contact_mechanism', mechanisms),
    }),
    marker: markerOf(row),
    fields: {
      code: codeOf(row),
      name: textOf(row['name']),
      contactPerson: textOf(phone?.['name']),
      phone: textOf(phone?.['value']),
      fax: textOf(firstMechanism(mechanisms, 'fax')?.['value']),
      addresses: addresses.map((address) => ({ ...addressOf(address) })),
    },
  };
}

function markerOf(row: JsonObject): string | null {
  const codes = objectsOf(row['identifiers.']).map((identifier) => textOf(identifier['code']) ?? '');
  return codes.find((code) => code.startsWith(markerPrefix))?.slice(markerPrefix.length) ?? null;
}

/** Criteria that one and the same address of the party must equal. */
const addressCriteria: Readonly<Record<string, string>> = {
  street: 'street',
  city: 'city',
  postalCode: 'postal_code',
  country: 'country.code',
};

const clauses: Readonly<Record<string, (value: FieldValue) => Json>> = {
  code: (value) => oneOf(['code', 'ilike', likePattern(value)], ['identifiers.code', 'ilike', likePattern(value)]),
  name: (value) => ['name', 'ilike', likePattern(value)],
  contactPerson: (value) => ['contact_mechanisms.name', 'ilike', likePattern(value)],
  phone: (value) => dialed('phone', value),
  fax: (value) => dialed('fax', value),
};

function criteriaDomain(criteria: Fields): Domain {
  onlyKnown(criteria, [...Object.keys(clauses), ...Object.keys(addressCriteria)]);
  const own = Object.entries(criteria).flatMap(([name, value]): Json[] => {
    const clause = clauses[name];
    return clause === undefined ? [] : [clause(value)];
  });
  const ofAddress = Object.entries(criteria).flatMap(([name, value]): Json[] => {
    const path = addressCriteria[name];
    return path === undefined ? [] : [[path, 'ilike', likePattern(value)]];
  });
  return ofAddress.length === 0 ? own : [...own, ['addresses', 'where', ofAddress]];
}

/** Only the digits of a number are compared, so anything may stand between them. */
function dialed(type: string, value: FieldValue): Json {
  const pattern = `%${phoneDigits(value).replace(/\d/g, '$&%')}`;
  return [
    'contact_mechanisms',
    'where',
    [
      ['type', '=', type],
      ['value', 'ilike', pattern],
    ],
  ];
}

function matches(record: TargetRecord, criteria: Fields): boolean {
  const addresses = record.fields['addresses'] as readonly Fields[];
  const ofAddress = Object.entries(criteria).filter(([name]) => name in addressCriteria);
  const oneAddress =
    ofAddress.length === 0 || addresses.some((address) => ofAddress.every(([name, value]) => folded(address[name]) === folded(value)));
  return (
    oneAddress && Object.entries(criteria).every(([name, value]) => name in addressCriteria || sameOwn(name, record.fields[name], value))
  );
}

function sameOwn(name: string, one: Fields[string] | undefined, other: Fields[string]): boolean {
  const read = name === 'phone' || name === 'fax' ? phoneDigits : folded;
  return read(other) !== '' && read(one) === read(other);
}
