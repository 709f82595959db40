/**
 * The state of a profile in the items of a backup. Each room, and each value that grows with the members of one, is an item of its own, so that
 * what has not changed is not sent again.
 */

import type { StoredMessages } from '@chat/message-store';
import { sha256Hex, utf8 } from '@chat/protocol';
import { UserMap } from '@chat/room';
import { joinState, splitState } from '../storage/stored-parts.ts';
import { readStored, type Stored } from '../storage/stored-state.ts';

/** An item of a backup. */
export interface StateItem {
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Returns the state as a backup has it. The certificate, the runs and the transfers of files are of the device. Ends of links to others are of no use beside a device that
 * may have gone on with them: no step of a link may be used twice. The ends from others open what they have sent and are secret, as the prekeys are.
 */
function forBackup({
  certified: _,
  runs: _runs,
  transfers: _transfers,
  recovery: _recovery,
  links,
  ...state
}: Stored): Stored {
  const kept = links === undefined ? {} : { links: { ...links, senders: {}, unconfirmed: [] } };
  return { ...state, certified: null, ...kept };
}

/** Returns the items of a state. The same state has the same items. */
export function itemsOf(stored: Stored): readonly StateItem[] {
  let count = 0;
  const { root, parts } = splitState(forBackup(stored), new Map(), () => (count++).toString(16).padStart(32, '0'));
  const { rooms, ...rest } = root as Stored;
  const items = [
    { name: 'state', value: rest as object },
    ...Object.entries(rooms).map(([roomId, room]) => ({ name: `room ${roomId}`, value: room as object })),
    ...[...parts.values()].map(({ file, value }) => ({ name: `part ${file}`, value })),
  ];
  return items.map(({ name, value }) => ({ name, content: utf8(JSON.stringify(value)) }));
}

const parse = (bytes: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(bytes));

/**
 * Puts the state of a backup together again.
 *
 * @returns null for what is no state
 */
export async function stateOf(items: ReadonlyMap<string, Uint8Array>): Promise<Stored | null> {
  try {
    const rooms = [...items].flatMap(([name, content]) =>
      name.startsWith('room ') ? [[name.slice('room '.length), parse(content)] as const] : [],
    );
    const root = { ...(parse(items.get('state')) as object), rooms: Object.fromEntries(rooms) };
    const { state } = await joinState(root, async (file) => parse(items.get(`part ${file}`)));
    const stored = readStored(state);
    return typeof stored === 'string' ? null : stored;
  } catch {
    return null;
  }
}

const messagesMark = ({ next, segments, tail }: StoredMessages) => [
  next,
  segments.length,
  tail.length,
  tail.at(-1)?.seq,
];

/** Returns a hash that changes when something changes which a backup should have soon: heartbeats and times do not count. */
export function markOf({ rooms, messages, pins, knocked, renewals, prekeys }: Stored): string {
  const heads = Object.entries(rooms).map(([roomId, { state, outbox }]) => [roomId, state.head.seq, outbox.length]);
  const users = pins instanceof UserMap ? pins.size : Object.keys(pins).length;
  const kept = messages === undefined ? null : messagesMark(messages);
  const counts = [users, Object.keys(knocked).length, renewals?.renewals.length ?? 0];
  return sha256Hex(utf8(JSON.stringify([heads, kept, counts, prekeys[0]?.publicKey])));
}
