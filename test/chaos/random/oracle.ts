import { returnedComment } from '../../support/arena/people.ts';
import type { Entered, Picture, Row } from './judged.ts';
import { leftovers } from './leftovers.ts';

/** Everything that is wrong at the end of a run, as sentences; empty where nothing is lost, doubled or open in two books. */
export function faultsOf(picture: Picture, entered: Entered, end: 'closed' | 'rolledBack'): readonly string[] {
  return [
    ...picture.accounts.flatMap((account) => accountFaults(picture, account, entered, end)),
    ...picture.orders.flatMap((order) => orderFaults(picture, order)),
    ...strangers(picture, entered),
    ...lostEntries(picture, entered),
    ...leftovers(picture, entered, end),
  ];
}

function accountFaults(picture: Picture, one: Picture['accounts'][number], entered: Entered, end: 'closed' | 'rolledBack'): string[] {
  const { account, isOpen, phone, pointers } = one;
  const parties = picture.parties.filter(({ code }) => code === account);
  const ids = parties.map(({ id }) => `erp:${String(id)}`);
  const faults: string[] = [];
  if (parties.length > 1) faults.push(`party ${account} is there ${String(parties.length)} times`);
  if (isOpen && end === 'closed' && !entered.touched.has(account))
    faults.push(`account ${account} did not move, and nobody had touched it`);
  if (!isOpen && end === 'rolledBack') faults.push(`account ${account} is closed in legacy after the run was taken back`);
  if (isOpen && pointers.some((pointer) => typeof pointer === 'string' && pointer.startsWith('erp:')))
    faults.push(`account ${account} is open in legacy, and the CRM points to the target`);
  if (isOpen) return faults;
  if (parties.length === 0) faults.push(`account ${account} is closed in legacy and has no party`);
  if (pointers.length === 0 || pointers.some((pointer) => pointer !== ids[0]))
    faults.push(`account ${account} is closed in legacy, and the CRM does not point to its party`);
  const mechanisms = parties.flatMap((party) => party['contact_mechanisms.'] as readonly Row[]);
  if (!mechanisms.some(({ type, value }) => type === 'phone' && value === phone))
    faults.push(`the phone of account ${account} did not move`);
  return faults;
}

/** Of a moved account each open order is active in the target once; of another one none is, unless it is marked as returned. */
function orderFaults(picture: Picture, { id, account, lines }: Picture['orders'][number]): string[] {
  const sales = picture.sales.filter(({ reference }) => reference === id);
  if (sales.length > 1) return [`order ${id} is in the target ${String(sales.length)} times`];
  const [sale] = sales;
  const isOpen = picture.accounts.find((one) => one.account === account)?.isOpen ?? true;
  const isActive = sale?.['state'] === 'processing' && sale['comment'] !== returnedComment;
  if (isOpen) return isActive ? [`order ${id} is open in legacy and active in the target`] : [];
  if (sale === undefined) return [`order ${id} of a moved account is not in the target`];
  if (!isActive) return [`order ${id} of a moved account is not active in the target: ${String(sale['state'])}`];
  const found = (sale['lines.'] as readonly Row[]).length;
  return found === lines ? [] : [`order ${id} has ${String(lines)} lines in legacy and ${String(found)} in the target`];
}

/** Sales in the target that stand for no order of legacy and that no person entered. */
function strangers({ orders, sales }: Picture, entered: Entered): string[] {
  const known = new Set([...orders.map(({ id }) => id), ...entered.sales]);
  return sales.filter(({ reference }) => !known.has(String(reference))).map(({ reference }) => `sale ${String(reference)} is nobody's`);
}

function lostEntries(picture: Picture, entered: Entered): string[] {
  const times = (rows: readonly Row[], field: string, value: string): number => rows.filter((row) => row[field] === value).length;
  const phoneOf = (account: string): string | undefined => picture.accounts.find((one) => one.account === account)?.phone;
  return [
    ...entered.orders.filter((id) => times(picture.orders, 'id', id) !== 1).map((id) => `order ${id}, entered in legacy, is lost`),
    ...[...entered.phones]
      .filter(([account, phone]) => phoneOf(account) !== phone)
      .map(([account]) => `the phone of ${account}, entered in legacy, is lost`),
    ...entered.parties
      .filter((code) => times(picture.parties, 'code', code) !== 1)
      .map((code) => `party ${code}, entered in the target, is not there once`),
    ...entered.sales
      .filter((sale) => times(picture.sales, 'reference', sale) !== 1)
      .map((sale) => `sale ${sale}, entered in the target, is not there once`),
    ...[...entered.names]
      .filter(([, name]) => times(picture.parties, 'name', name) !== 1)
      .map(([account]) => `the name of ${account}, entered in the target, is lost`),
  ];
}
