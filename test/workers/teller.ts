import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { signalIfThere } from '../../workflows/signal-if-there.ts';
import { Turns } from '../../workflows/turns.ts';

const toldSignal = defineSignal<[number]>('told');

/** Hears numbers until the last one has come. Returns them in the order in which they came. */
export async function listener(last: number): Promise<readonly number[]> {
  const heard: number[] = [];
  setHandler(toldSignal, (number) => {
    heard.push(number);
  });
  await condition(() => heard.includes(last));
  return heard;
}

/** Tells the listener every number up to the last, all of them asked for in one moment. */
export async function teller(listenerId: string, last: number): Promise<void> {
  const turns = new Turns();
  await Promise.all(Array.from({ length: last + 1 }, (_, number) => turns.take(() => signalIfThere(listenerId, toldSignal, number))));
}
