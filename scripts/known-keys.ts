import { z } from 'zod';

/** A part of a JSON Schema, as far as it is walked here. */
interface Part {
  readonly const?: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Part>>;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly additionalProperties?: Part | boolean;
  readonly items?: Part;
  readonly anyOf?: readonly Part[];
  readonly oneOf?: readonly Part[];
}

/** The keys a schema knows at a path of this value, in its own order; empty where any name will do. */
export function knownKeys(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const root = z.toJSONSchema(schema, { io: 'input' }) as Part;
  let parts = variants(root, root, value);
  let here = value;
  for (const step of path) {
    here = typeof here === 'object' && here !== null ? (Reflect.get(here, step) as unknown) : undefined;
    parts = parts.flatMap((part) => child(part, step)).flatMap((part) => variants(root, part, here));
  }
  return [...new Set(parts.flatMap(({ properties, propertyNames }) => [...Object.keys(properties ?? {}), ...(propertyNames?.enum ?? [])]))];
}

/** The forms a part may take, references followed; forms that a constant of the value rules out are left aside. */
function variants(root: Part, part: Part, value: unknown): readonly Part[] {
  if (part.$ref !== undefined) {
    const target = root.$defs?.[part.$ref.replace('#/$defs/', '')];
    return target === undefined ? [] : variants(root, target, value);
  }
  const forms = part.anyOf ?? part.oneOf;
  if (forms !== undefined) return forms.flatMap((form) => variants(root, form, value));
  return Object.entries(part.properties ?? {}).some(([name, { const: fixed }]) => fixed !== undefined && isOther(value, name, fixed))
    ? []
    : [part];
}

function isOther(value: unknown, name: string, fixed: unknown): boolean {
  const own: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return own !== undefined && own !== fixed;
}

function child(part: Part, step: PropertyKey): readonly Part[] {
  if (typeof step === 'number') return part.items === undefined ? [] : [part.items];
  const named = part.properties?.[String(step)];
  if (named !== undefined) return [named];
  return typeof part.additionalProperties === 'object' ? [part.additionalProperties] : [];
}
