import { faultOf, modelCases } from './cases.ts';

/** Looks at every case, the long ones too, and prints a line for each; exit code 1 where one is not as it must be. */
function main(): void {
  let faults = 0;
  for (const one of modelCases) {
    const beganMs = performance.now();
    const result = one.explore();
    const fault = faultOf(one, result);
    if (fault !== null) faults += 1;
    const took = ((performance.now() - beganMs) / 1_000).toFixed(1);
    const size = `${String(result.states)} states, ${String(result.steps)} steps, depth ${String(result.depth)}, ${took} s`;
    process.stdout.write(`${fault === null ? 'as it must be' : 'FAULT'}: ${one.name} (${one.breaks ?? 'nothing breaks'}): ${size}\n`);
    if (fault !== null) process.stdout.write(`  ${fault}\n`);
  }
  process.exitCode = faults === 0 ? 0 : 1;
}

main();
