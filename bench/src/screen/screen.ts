/** The full screen of the client: processor time and bytes while messages arrive, and how soon a key is answered. */
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { median, type Plan } from '../measure/measure.ts';
import { bytes, milliseconds } from '../measure/quantity.ts';
import { reportTables } from '../report/report.ts';
import type { Row } from '../report/table.ts';
import { MeasuredScreen } from './measured-screen.ts';

const ours = 'chat';
const [inView, perSecond] = [10_000, 100];
const defaultSeconds = 20;
const keysPressed = 2_000;
const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
] as const;

interface Figures {
  readonly cpuOfFrame: number;
  readonly bytesOfMessage: number;
  readonly keyP99: number;
}

/** Lets messages arrive at an even rate of the screen's own clock, as fast as the machine can. */
async function receive(
  screen: MeasuredScreen,
  seconds: number,
): Promise<Pick<Figures, 'cpuOfFrame' | 'bytesOfMessage'>> {
  const count = seconds * perSecond;
  const before = { bytes: screen.bytes, frames: screen.frames };
  const began = process.cpuUsage();
  for (let sent = 0; sent < count; sent += 1) {
    screen.receive();
    screen.advance(1000 / perSecond);
    // A frame may be due at once.
    await setImmediate();
  }
  const { user, system } = process.cpuUsage(began);
  return {
    cpuOfFrame: (user + system) / 1000 / (screen.frames - before.frames),
    bytesOfMessage: (screen.bytes - before.bytes) / count,
  };
}

/** Presses keys while nothing else happens, and returns the 99th percentile of the times until the answer is written. */
async function press(screen: MeasuredScreen, count: number): Promise<number> {
  const times: number[] = [];
  for (let pressed = 0; pressed < count; pressed += 1) {
    const began = performance.now();
    await screen.press(pressed % 60 === 59 ? '\u0015' : 'x');
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(count * 0.99)] ?? 0;
}

async function measured(size: (typeof sizes)[number], seconds: number): Promise<Figures> {
  const screen = await MeasuredScreen.open(size, inView, new PassThrough());
  try {
    // The first seconds compile the code.
    await receive(screen, 2);
    const received = await receive(screen, seconds);
    return { ...received, keyP99: await press(screen, keysPressed) };
  } finally {
    screen.close();
  }
}

/** Measures the full screen with 10,000 messages in the view. `CHAT_BENCH_SECONDS=2` makes a short run that writes no page. */
export async function benchScreen({ rounds }: Plan): Promise<void> {
  const given = process.env['CHAT_BENCH_SECONDS'];
  const seconds = Number(given ?? defaultSeconds);
  const [times, lengths]: [Row[], Row[]] = [[], []];
  for (const size of sizes) {
    const name = `${size.columns} x ${size.rows}`;
    const figures: Figures[] = [];
    for (let round = 0; round < rounds; round += 1) figures.push(await measured(size, seconds));
    const row = (task: string, key: keyof Figures): Row => ({
      task: `${name}: ${task}`,
      results: new Map([[ours, median(figures.map((each) => each[key]))]]),
    });
    times.push(row('processor time of a frame', 'cpuOfFrame'), row('from a key to its answer, 99 %', 'keyP99'));
    lengths.push(row('written for a message', 'bytesOfMessage'));
  }
  await reportTables('screen', {
    plotted: [
      { title: 'Time', quantity: milliseconds, ours, rows: times },
      { title: 'Bytes', quantity: bytes, ours, rows: lengths },
    ],
    notes: [
      `The full screen of chat writes to a terminal that takes all at once. ${inView.toLocaleString('en')} messages are in the view, and ${perSecond} arrive each second of the screen's clock, of 20 authors, with 20 to 100 characters each, 60 on the average; 12 rooms and 20 members stand beside them. The time of a frame includes what the messages of the frame cost the client's screen; frames follow each other after 100 ms. A key is a letter of the text that the user types.`,
    ],
    written: given === undefined,
  });
}
