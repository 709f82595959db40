/** Lies that are not about the order of a room's log. */
import type { World } from '../world.ts';
import type { Frame, FrameRewriting } from './shown-log.ts';

/** A lie of this kind was told. */
export interface Told {
  readonly name: string;
  /** Whether who is told it can see at once that it is one. */
  readonly provable: boolean;
  count: number;
}

type Lie = (world: World, told: Told) => FrameRewriting;

const ok = (frame: Frame): Frame | undefined => frame['ok'] as Frame | undefined;

/** Another wrap than the one that was asked for: somebody else's, or of another epoch. */
const wrongWrap: Lie = ({ server, random }, told) => ({
  toClient(frame, asked) {
    const own = ok(frame)?.['envelope'];
    if (asked?.['op'] !== 'get-wrap' || own === undefined) return [frame];
    const envelope = random.pick([...server.disk.wraps.values()].filter((other) => other !== own));
    if (envelope === undefined) return [frame];
    told.count += 1;
    return [{ ...frame, ok: { envelope } }];
  },
});

/** The log ends before what the client has read of it. */
const oldLog: Lie = (_, told) => ({
  toClient(frame) {
    const head = Number(frame['head']);
    if (frame['push'] !== 'caught-up' || head < 2) return [frame];
    told.count += 1;
    return [{ ...frame, head: head - 1 }];
  },
});

/** Another room of the server under the name that was looked up. */
const wrongRoom: Lie = ({ server, random }, told) => ({
  toClient(frame, asked) {
    const room = ok(frame)?.['room'];
    if (asked?.['op'] !== 'find-room' || room === undefined) return [frame];
    const other = random.pick([...server.disk.rooms.values()].filter((each) => each.room !== room));
    if (other === undefined) return [frame];
    told.count += 1;
    return [{ ...frame, ok: { ...ok(frame), room: other.room, head: other.head } }];
  },
});

/** Messages are taken and never put on the log. */
const swallowed: Lie = ({ server, time }, told) => ({
  toServer(frame) {
    const entry = frame['entry'] as { readonly type: string } | undefined;
    if (frame['op'] !== 'append' || entry?.type !== 'message') return { on: frame };
    told.count += 1;
    const head = server.disk.rooms.get(String(frame['room']))?.head ?? 0;
    return { on: null, back: { re: frame['id'], ok: { seq: head + 1, at: time.now() } } };
  },
});

const lies: readonly (readonly [name: string, provable: boolean, lie: Lie])[] = [
  ['another wrap', true, wrongWrap],
  ['an old log', true, oldLog],
  ['another room', false, wrongRoom],
  ['swallowed messages', false, swallowed],
];

export function chooseLie(world: World): { readonly told: Told; readonly rewriting: FrameRewriting } {
  const [name, provable, lie] = world.random.pick(lies) ?? (['an old log', true, oldLog] as const);
  const told = { name, provable, count: 0 };
  return { told, rewriting: lie(world, told) };
}

/** What a dishonest server may do all the time without any effect: pushes come twice, and presence is made up. */
export const noise = ({ random, people }: World): FrameRewriting => ({
  toClient(frame) {
    if (frame['push'] === 'presence')
      return random.chance(0.5) ? [frame, { ...frame, online: random.chance(0.5) }] : [];
    const online = ok(frame)?.['online'];
    if (online !== undefined) {
      return [
        { ...frame, ok: { ...ok(frame), online: people.filter(() => random.chance(0.5)).map(({ user }) => user) } },
      ];
    }
    return frame['push'] === 'entry' && random.chance(0.1) ? [frame, frame] : [frame];
  },
});
