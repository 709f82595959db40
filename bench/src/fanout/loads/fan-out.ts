/** Deliveries a second to the members of rooms, while a number of messages is on its way. */
import {
  closeLines,
  type Load,
  type LoadContext,
  type Measurement,
  openLines,
  publishers,
  range,
  Window,
} from './load.ts';

/** Runs the load. A message is on its way until as many deliveries have come as its room has followers. */
export async function fanOut(
  { rooms, members, inFlight }: Extract<Load, { kind: 'fan-out' }>,
  context: LoadContext,
): Promise<Measurement> {
  const window = new Window(context);
  let [sent, delivered] = [0, 0];
  const fill = (): void => {
    while (!window.over && sent - delivered / members < inFlight) {
      authors[sent % publishers]?.publish(sent % rooms);
      sent += 1;
    }
  };
  const delivery = (count: number): void => {
    delivered += count;
    window.count(count);
    fill();
  };
  // Each member follows its room. The publishers are members of all rooms, and follow none.
  const readers = await openLines(context, range(publishers, publishers + rooms * members), () => ({
    delivered: delivery,
  }));
  await Promise.all(readers.map((reader, index) => reader.follow([Math.floor(index / members)])));
  const authors = await openLines(context, range(0, publishers), () => ({
    refused(reason) {
      window.refuse(reason);
      delivered += members;
      fill();
    },
  }));
  fill();
  const measurement = await window.measure();
  await closeLines([...readers, ...authors]);
  return measurement;
}
