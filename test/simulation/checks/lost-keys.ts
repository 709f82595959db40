/** Whether the server has caused what a client reports of a key that no member has. */
import type { ClientEvent } from '@chat/client';
import type { World } from '../run/world.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { lacking } from './readers.ts';

/**
 * Returns whether a client reports a key as withheld that the server has lost: the user's wrap, and those of all members whom the client
 * asked. An author has no wrap of its own key.
 */
export function isServersLoss(
  world: Pick<World, 'logs' | 'lost' | 'people'>,
  { events, id }: Pick<SimulatedUser, 'events' | 'id'>,
  report: ClientEvent,
): boolean {
  if (report.kind !== 'trouble' || report.code !== 'key-withheld') return false;
  const { reason } = report;
  const wanted = events
    .slice(0, events.indexOf(report))
    .findLast((event) => event.kind === 'key-wanted' && reason.includes(` has made a key for ${event.roomName} that `));
  if (wanted?.kind !== 'key-wanted') return false;
  const { roomId, epoch, asked } = wanted;
  const log = world.logs().find(({ room }) => room === roomId);
  const without = log === undefined ? undefined : lacking(world, log).get(epoch);
  const others = world.people.filter(({ user }) => asked.includes(user) && !reason.startsWith(`${user} `));
  return [id, ...others.map((other) => other.id)].every((who) => without?.has(who) === true);
}
