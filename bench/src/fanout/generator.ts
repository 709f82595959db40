/** The load generator, in a process of its own: runs one load after the other against the servers that it is named. */
import { readFileSync } from 'node:fs';
import { bare } from './dialects/bare.ts';
import { chat } from './dialects/chat.ts';
import type { Dialect, DialectName, Target } from './dialects/dialect.ts';
import { mqtt } from './dialects/mqtt.ts';
import { nats } from './dialects/nats.ts';
import { append } from './loads/append.ts';
import { idle, setUp } from './loads/connections.ts';
import { fanOut } from './loads/fan-out.ts';
import { latency } from './loads/latency.ts';
import type { Load, LoadContext, Measurement } from './loads/load.ts';
import type { World } from './world.ts';

/** A load, and the server to run it against. */
export interface Order {
  readonly target: Omit<Target, 'world'>;
  /** File with the certificates and users, JSON. */
  readonly world: string;
  readonly load: Load;
  readonly durationMs: number;
}

/** What the generator sends: that the connections of an idle load are open, or the end of a load. */
export type Notice =
  | { readonly opened: true }
  | { readonly measurement: Measurement | null }
  | { readonly failed: string };

const dialects: Readonly<Record<DialectName, Dialect>> = { bare, chat, mqtt, nats };
const worlds = new Map<string, World>();

function worldIn(file: string): World {
  const world = worlds.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as World);
  worlds.set(file, world);
  return world;
}

const tell = (notice: Notice): void => void process.send?.(notice);
/** Resolves with the next message of the process that started this one. */
const next = (): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));

function run(load: Load, context: LoadContext): Promise<Measurement | null> {
  switch (load.kind) {
    case 'append':
      return append(load, context);
    case 'fan-out':
      return fanOut(load, context);
    case 'latency':
      return latency(load, context);
    case 'set-up':
      return setUp(load, context);
    case 'idle':
      return idle(load, context, async () => {
        const seen = next();
        tell({ opened: true });
        await seen;
      });
  }
}

// The end of the benchmark ends its generator too.
process.once('disconnect', () => process.exit());
for (;;) {
  const { target, world, load, durationMs } = (await next()) as Order;
  const context: LoadContext = {
    target: { ...target, world: worldIn(world) },
    dialect: dialects[target.dialect],
    durationMs,
  };
  await run(load, context).then(
    (measurement) => tell({ measurement }),
    (error: unknown) => tell({ failed: String(error) }),
  );
}
