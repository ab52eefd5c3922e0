import type { Deps } from '../../activities/deps.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What a worker has that comes so slowly to this call of its ledger, the first time, that `meanwhile` is over before it. */
export function slowDeps<Part extends keyof Ledger>(
  deps: Deps,
  part: Part,
  call: keyof Ledger[Part],
  meanwhile: () => Promise<unknown>,
): Deps {
  let isFirst = true;
  const slow = async (...args: unknown[]): Promise<unknown> => {
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return (deps.ledger[part][call] as (...values: unknown[]) => Promise<unknown>)(...args);
  };
  const parts = new Proxy(deps.ledger[part], {
    get: (whole, name) => {
      if (name === call) return (...args: unknown[]) => slow.apply(whole, args);
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? (value.bind(whole) as unknown) : value;
    },
  });
  return { ...deps, ledger: { ...deps.ledger, [part]: parts } };
}
