export { cutover } from './cutover.ts';
export { load } from './load.ts';
export { rollback } from './rollback.ts';
export { watch } from './watch.ts';
export { wave } from './wave.ts';
