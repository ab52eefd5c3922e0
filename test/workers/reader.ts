import { proxyActivities } from '@temporalio/workflow';

const { readAll } = proxyActivities<{ readAll(): Promise<number> }>({ startToCloseTimeout: '1m', heartbeatTimeout: '1s' });

/** A workflow of which one activity reads all there is. Returns how many records that were. */
export function reader(): Promise<number> {
  return readAll();
}
