import type { RowOutcome } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { outcomesOfJob, type JobOf } from './job-end.ts';
import type { JobFile } from './job-file.ts';
import { concernsAll, rejected } from './outcomes.ts';
import { endJob, type SessionJobs } from './session-jobs.ts';
import type { WriteCall } from './transport.ts';

interface JobInput extends JobOf {
  readonly call: WriteCall;
  readonly jobs: SessionJobs;
  readonly remember: (handle: string) => Promise<void>;
}

/**
 * Makes records by one job. What goes wrong before it is handed over was not sent; from then on the job itself says what became of each row, in its three
 * files. Throws where nothing was sent and the reason is not in the rows.
 */
export async function writeByJob(input: JobInput, file: JobFile): Promise<readonly RowOutcome[]> {
  try {
    const id = await begin(input, file.csv);
    const end = await outcomesOfJob(input, id, file.rows);
    if (end.isOver) input.jobs.over(id);
    return end.outcomes;
  } catch (error) {
    if (!(error instanceof AdapterError) || concernsAll(error)) throw error;
    return file.rows.map((row) => rejected(row, error));
  }
}

/** A job that was handed over: it was created open, its id is remembered, and its data uploaded, before anything of it could act. */
async function begin(input: JobInput, csv: string): Promise<string> {
  const { client, object, call, jobs, remember } = input;
  const id = await client.jobs.create(object.type, call);
  jobs.add(id);
  try {
    await remember(jobs.handle);
    await client.jobs.upload(id, csv, call);
    await start(input, id);
    return id;
  } catch (error) {
    await leave(input, id);
    throw error;
  }
}

/** Hands the job over. An answer that was lost is not waited for: the job says whether it was. */
async function start({ client, call }: JobInput, id: string): Promise<void> {
  try {
    await client.jobs.start(id, call);
  } catch (error) {
    if (!(error instanceof AdapterError) || !error.unknownOutcome) throw error;
  }
}

/** A job that was never handed over does nothing, so that whatever keeps us from ending it is no harm: its session will. */
async function leave({ client, jobs }: JobInput, id: string): Promise<void> {
  try {
    await endJob(client.jobs, id);
    jobs.over(id);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
  }
}
