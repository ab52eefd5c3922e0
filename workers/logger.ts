import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import { pino, type Logger } from 'pino';

/** Attributes that may appear in a log line: ids and names of steps, never record contents. */
const allowed = ['workflowId', 'workflowType', 'activityType', 'activityId', 'attempt', 'runId', 'taskQueue', 'error'] as const;

/** One logger for our own lines and Temporal's, as JSON on standard error. */
export function createLogger(level: string): Logger {
  return pino({ level, base: { process: process.pid } }, pino.destination(2));
}

/** Sends the log lines of Temporal's SDK through ours, with allowed attributes only. Once per process, before any connection. */
export function installRuntime(logger: Logger): void {
  const write = (entry: LogEntry): void => {
    const meta: Record<string, unknown> = entry.meta ?? {};
    const kept = Object.fromEntries(
      allowed.filter((name) => name in meta).map((name) => [name, meta[name] instanceof Error ? meta[name].message : meta[name]]),
    );
    const line = { ...kept, sdk: true };
    if (entry.level === 'ERROR') logger.error(line, entry.message);
    else if (entry.level === 'WARN') logger.warn(line, entry.message);
    else logger.debug(line, entry.message);
  };
  Runtime.install({
    logger: new DefaultLogger('INFO', write),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}
