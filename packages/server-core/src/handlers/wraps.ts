/** Handlers for wraps: staging those of an epoch that the caller is about to append, and fetching one's own. */
import { ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import type { MemberCall } from './chat-call.ts';

/** Stages wraps for the epoch entry that the caller is about to append. */
export function putWraps({ room, number, wraps }: RequestOf<'put-wraps'>, call: MemberCall): ResultOf<'put-wraps'> {
  const { members, invited } = call.room;
  const recipients = new Set([...members, ...invited].map(({ fingerprint }) => fingerprint));
  for (const [index, wrap] of wraps.entries()) {
    if (!recipients.has(wrap.to)) {
      throw new ProtocolError(
        'wraps-mismatch',
        `wraps.${index} is for a key that is neither in the room nor invited: read the log up to its head and wrap to those who are.`,
      );
    }
  }
  call.wraps.put(room, number, wraps);
  return {};
}

/** Returns the caller's wrap of an epoch. */
export async function getWrap(
  { room, number }: RequestOf<'get-wrap'>,
  { caller, services }: MemberCall,
): Promise<ResultOf<'get-wrap'>> {
  const envelope = await services.rooms.findWrap(room, number, caller.fingerprint);
  if (envelope === null) {
    throw new ProtocolError(
      'no-wrap',
      `There is no wrap of epoch ${number} for you: wait for the next epoch, or ask a member who is online.`,
    );
  }
  return { envelope };
}
