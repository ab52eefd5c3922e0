import { keyOf } from './accounts.ts';
import { mailHost } from './kinds.ts';

/** The people of an account, each a lead in the target: the adapter has no contacts. */
export const contactsPerAccount = 2;

/** A person of an account as legacy has it. */
export interface BenchContact {
  readonly key: string;
  /** Key of the account. */
  readonly company: string;
  readonly last_name: string;
  readonly company_name: string;
  readonly phone: string;
}

/** The n-th person, the same at every call; those of an account stand together. */
export function contactAt(n: number): BenchContact {
  const account = Math.floor(n / contactsPerAccount);
  const code = String(n).padStart(8, '0');
  return {
    key: `p${code}`,
    company: keyOf(account),
    last_name: `Person ${code}`,
    company_name: `Company ${String(account)}`,
    phone: `+1 557 ${code}`,
  };
}

/** The number of a person by the e-mail address it is known by in the target; NaN where there is none. */
export function contactNumber(email: string): number {
  return new RegExp(`^p(\\d{8,})${mailHost.replaceAll('.', '\\.')}$`).test(email)
    ? Number(email.slice(1).replace(mailHost, ''))
    : Number.NaN;
}
