import type { Capabilities, ObjectCapability } from '../../contracts/adapter.ts';

/** A row of the table of systems in docs/adapters.md, as an adapter's own capabilities have it. */
export function systemRow({
  adapter,
  fence,
  commitHorizonMs,
  readLagMs,
  batchSize,
  writesInFlight,
  atomicBatch,
  rounding,
  freeze,
}: Capabilities): string {
  const batch =
    batchSize === 0
      ? 'writes nothing'
      : `${String(batchSize)}, ${atomicBatch ? 'whole or not at all' : 'row by row'}, ${String(writesInFlight)} at a time in a lane`;
  const held =
    freeze === null ? 'none' : `by ${freeze.granularity}, ended by ${freeze.leaseEndedBy === 'system' ? 'the system' : 'a person'}`;
  return row(
    adapter,
    fence,
    `${String(commitHorizonMs / 1_000)} s`,
    `${String(readLagMs)} ms`,
    batch,
    `lines half ${modeOf(rounding.lines.mode)}; taxes half ${modeOf(rounding.taxes.mode)} per ${rounding.taxes.per}, on ${rounding.taxes.base} lines`,
    held,
  );
}

function modeOf(mode: 'halfUp' | 'halfEven'): string {
  return mode === 'halfUp' ? 'up' : 'even';
}

/** A row of the table of objects. */
export function objectRow(adapter: string, object: string, capability: ObjectCapability): string {
  const { keyField, keyIsUnique, proof, conditionalWrite, paces, rest, halfWay, activated, undo, volatile, decimals } = capability;
  const states = [rest === null ? '' : `rests in ${rest}`, list('half-way', halfWay), list('activated', activated)].filter(
    (text) => text !== '',
  );
  const kinds = Object.entries(undo).map(([state, kind]) => `${state === '*' ? 'any state' : state}: ${kind}`);
  return row(
    `${adapter} \`${object}\``,
    `\`${keyField}\`${keyIsUnique ? ', unique' : ''}`,
    proof,
    conditionalWrite ? 'yes' : 'no',
    Object.entries(paces)
      .map(([operation, { batchSize, writesInFlight, bulk }]) => {
        const many = bulk === undefined ? '' : `, from ${String(bulk.from)} on ${String(bulk.batchSize)} in a job`;
        return `${operation}: ${String(batchSize)}, ${String(writesInFlight)} at a time${many}`;
      })
      .join('; '),
    states.join('; '),
    kinds.join(', '),
    volatile.join(', '),
    decimals.join(', '),
  );
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title} ${items.join(', ')}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell || '-').join(' | ')} |`;
}
