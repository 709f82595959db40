/** Connections: how many a second log in, and how much memory those take that do nothing. */
import { closeLines, type Load, type LoadContext, type Measurement, openLines, range, Window } from './load.ts';

/** Opens connections, each until its login, and closes them. */
export async function setUp({ atOnce }: Extract<Load, { kind: 'set-up' }>, context: LoadContext): Promise<Measurement> {
  const window = new Window(context);
  const events = { acknowledged: () => undefined, refused: () => undefined, delivered: () => undefined };
  const work = async (user: number): Promise<void> => {
    while (!window.over) {
      const startedAt = performance.now();
      const line = await context.dialect(context.target, user, events);
      window.count(1);
      window.time(startedAt);
      await line.close();
    }
  };
  const workers = range(0, atOnce).map(work);
  const measurement = await window.measure();
  await Promise.all(workers);
  return measurement;
}

/** Opens connections, calls `opened`, and closes them when it has resolved. */
export async function idle(
  { connections }: Extract<Load, { kind: 'idle' }>,
  context: LoadContext,
  opened: () => Promise<void>,
): Promise<null> {
  const lines = await openLines(context, range(0, connections), () => ({}));
  await opened();
  await closeLines(lines);
  return null;
}
