/** Handing over the wraps of an epoch, and fetching one's own. */
import { ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import type { MemberCall } from './chat-call.ts';

export function putWraps({ room, number, wraps }: RequestOf<'put-wraps'>, call: MemberCall): ResultOf<'put-wraps'> {
  const { members, invited } = call.room;
  const recipients = new Set([...members, ...invited].map(({ fingerprint }) => fingerprint));
  for (const [index, wrap] of wraps.entries()) {
    if (!recipients.has(wrap.to)) {
      throw new ProtocolError(
        'wraps-mismatch',
        `wraps.${index} is for somebody who is neither in the room nor invited: read the log up to its head and wrap to those who are.`,
      );
    }
  }
  call.wraps.put(room, number, wraps);
  return {};
}

export async function getWrap(
  { room, number }: RequestOf<'get-wrap'>,
  { person, services }: MemberCall,
): Promise<ResultOf<'get-wrap'>> {
  const envelope = await services.store.findWrap(room, number, person.fingerprint);
  if (envelope === null) {
    throw new ProtocolError(
      'no-wrap',
      `Nobody wrapped the key of epoch ${number} to you: wait for the next epoch, or ask a member who is online.`,
    );
  }
  return { envelope };
}
