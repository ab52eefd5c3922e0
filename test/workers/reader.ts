import { proxyActivities } from '@temporalio/workflow';

const { readAll } = proxyActivities<{ readAll(): Promise<number> }>({ startToCloseTimeout: '5m', heartbeatTimeout: '30s' });

/** A workflow of which one activity reads all there is. Returns how many records that were. */
export function reader(): Promise<number> {
  return readAll();
}
