import { addFault, clearFaults, faultHits } from '../../scripts/dev/faults.ts';
import type { TargetBench } from './target-suite.ts';

/** The faults of a bench, at the control address of its proxy. */
export function faultsOf(control: string): Pick<TargetBench, 'fault' | 'faultHits'> {
  return {
    fault: (rule) => (rule === null ? clearFaults(control) : addFault(control, rule)),
    faultHits: () => faultHits(control),
  };
}
