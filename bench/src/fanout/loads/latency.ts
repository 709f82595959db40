/** Times from the moment at which a message is due to each delivery of it, at a given rate. */
import { closeLines, type Load, type LoadContext, type Measurement, openLines, range, Window } from './load.ts';

/** Runs the load: one author, whose messages come in order, so that the nth delivery of each reader is of the nth message. */
export async function latency(
  { members, deliveriesPerSecond }: Extract<Load, { kind: 'latency' }>,
  context: LoadContext,
): Promise<Measurement> {
  const window = new Window(context);
  const intervalMs = (1_000 * members) / deliveriesPerSecond;
  const due: number[] = [];
  const received = range(0, members).map(() => 0);
  const readers = await openLines(context, range(1, 1 + members), (reader) => ({
    delivered(count) {
      window.count(count);
      for (let index = 0; index < count; index += 1) {
        const message = received[reader] ?? 0;
        received[reader] = message + 1;
        window.time(due[message] ?? Number.NaN);
      }
    },
  }));
  await Promise.all(readers.map((reader) => reader.follow([0])));
  const [author] = await openLines(context, [0], () => ({ refused: (reason) => window.refuse(reason) }));
  const startedAt = performance.now();
  // Sends every message that is due, also those that a late timer has missed: their time counts from when they were due.
  const timer = setInterval(() => {
    while (startedAt + due.length * intervalMs <= performance.now()) {
      due.push(startedAt + due.length * intervalMs);
      author?.publish(0);
    }
  }, 1);
  const measurement = await window.measure();
  clearInterval(timer);
  await closeLines([...readers, ...(author === undefined ? [] : [author])]);
  return measurement;
}
