import type { Fault } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { addressValues, sourceAddress } from './address.ts';
import { OwnRefusal } from './answers.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { mechanismVerbs } from './party-parts.ts';
import { nameOf, partyFields, partyTexts } from './party-write.ts';
import { productCode, templateValues } from './product-write.ts';
import { decimalField, isFields, listField, onlyKnown, priceField, textField } from './row-fields.ts';
import { day, lineWritable, saleFields, saleTexts } from './sale-values.ts';
import { linesToQuote } from './sale-write.ts';

type Rule = (fields: Fields, reader: Reader, lookups: Lookups) => unknown;

/** By object, what is looked at before a create would be sent; each rule is the one the create itself uses, or a part of it. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  party: [
    (fields) => {
      onlyKnown(fields, partyFields);
    },
    nameOf,
    partyTexts,
    (fields) => mechanismVerbs(fields, []),
    async (fields, reader, lookups) => {
      for (const item of listField(fields, 'addresses') ?? []) await addressValues(sourceAddress(item, 'addresses'), reader, lookups);
    },
  ],
  product: [productCode, (fields, reader, lookups) => templateValues({ fields }, reader, lookups)],
  sale: [
    (fields) => {
      onlyKnown(fields, saleFields);
    },
    (fields) => linesToQuote({ fields }),
    saleTexts,
    (fields) => {
      for (const name of ['invoiceAddress', 'shipTo']) if (isFields(fields[name])) sourceAddress(fields[name], name);
    },
    (fields, reader, lookups) => lookups.currency(reader, textField(fields, 'currency') ?? null),
    (fields) => day(textField(fields, 'saleDate') ?? '2000-01-01'),
    (fields) => {
      for (const line of listField(fields, 'lines') ?? []) {
        onlyKnown(line, [...lineWritable, 'amount']);
        decimalField(line['quantity'], 'lines.quantity');
        priceField(line['unitPrice'], 'lines.unitPrice');
      }
    },
  ],
};

/** What Tryton, or this adapter, would refuse of new records; names that are missing are looked up once for all of them. */
export async function faultsOf(
  reader: Reader,
  lookups: Lookups,
  object: string,
  records: readonly { readonly key: string; readonly fields: Fields }[],
): Promise<readonly Fault[]> {
  const remembering = remembered(lookups);
  const faults: Fault[] = [];
  for (const { key, fields } of records) {
    for (const rule of rules[object] ?? []) {
      try {
        await rule(fields, reader, remembering);
      } catch (error) {
        if (!(error instanceof OwnRefusal)) throw error;
        faults.push({ key, cause: error.message, ...(error.field === null ? {} : { field: error.field }) });
      }
    }
  }
  return faults;
}

function remembered(lookups: Lookups): Lookups {
  const known = new Map<string, Promise<number>>();
  const once = (name: string, look: () => Promise<number>): Promise<number> => {
    const found = known.get(name) ?? look();
    known.set(name, found);
    return found;
  };
  return {
    country: (reader, code) => once(`country ${code}`, () => lookups.country(reader, code)),
    currency: (reader, code) => once(`currency ${code ?? ''}`, () => lookups.currency(reader, code)),
    unit: (reader, name) => once(`unit ${name}`, () => lookups.unit(reader, name)),
  };
}
