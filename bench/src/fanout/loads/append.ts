/** Messages a second that a server acknowledges, from writers that each wait for the acknowledgement. */
import { closeLines, type Load, type LoadContext, type Measurement, openLines, range, Window } from './load.ts';

/** Runs the load. */
export async function append(
  { writers, rooms, inFlight }: Extract<Load, { kind: 'append' }>,
  context: LoadContext,
): Promise<Measurement> {
  const window = new Window(context);
  const started = range(0, writers).map((): number[] => []);
  const send = (writer: number): void => {
    if (window.over) return;
    started[writer]?.push(performance.now());
    lines[writer]?.publish(writer % rooms);
  };
  const lines = await openLines(context, range(0, writers), (writer) => ({
    acknowledged() {
      const startedAt = started[writer]?.shift();
      window.count(1);
      if (startedAt !== undefined) window.time(startedAt);
      send(writer);
    },
    refused(reason) {
      started[writer]?.shift();
      window.refuse(reason);
      send(writer);
    },
  }));
  for (let index = 0; index < inFlight; index += 1) for (const writer of lines.keys()) send(writer);
  const measurement = await window.measure();
  await closeLines(lines);
  return measurement;
}
