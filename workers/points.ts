import { appendFileSync } from 'node:fs';
import { pointNames, type PointName } from '../contracts/points.ts';

const actions = { kill: 'SIGKILL', stop: 'SIGSTOP' } as const;

/**
 * Reads `CUTOVER_TEST_POINT`, written `name:kill:file` or `name:stop:file`: at that point the process writes its id to the file and sends itself
 * the signal, once. Without the variable the points do nothing. Throws where the text names no point.
 */
export function readPoint(text: string | undefined): (name: PointName) => void {
  if (text === undefined || text === '') return () => undefined;
  const [name, action, ...rest] = text.split(':');
  const file = rest.join(':');
  if (!pointNames.some((known) => known === name) || (action !== 'kill' && action !== 'stop') || file === '') {
    throw new Error(`CUTOVER_TEST_POINT is "${text}"; write <point>:kill|stop:<file>, with one of ${pointNames.join(', ')}`);
  }
  let reached = false;
  return (at) => {
    if (at !== name || reached) return;
    reached = true;
    appendFileSync(file, `${String(process.pid)} ${at}\n`);
    process.kill(process.pid, actions[action]);
  };
}
