/** Asking a member who is online for an epoch's secret that did not arrive, and answering. */
import { ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import type { MemberCall } from './chat-call.ts';

export function askKey(
  { room, number, user }: RequestOf<'ask-key'>,
  { room: state, person, services }: MemberCall,
): ResultOf<'ask-key'> {
  if (number !== state.epoch?.number) {
    throw new ProtocolError('stale-epoch', `The room is not at epoch ${number}: ask for the key of its latest.`);
  }
  if (user === person.user || !state.members.some((member) => member.user === user)) {
    throw new ProtocolError('unknown-member', `${user} is no other member of this room: ask one who is.`);
  }
  services.keyRequests.count(person.user);
  if (!services.followers.tell(room, user, { push: 'key-asked', room, number, user: person.user })) {
    throw new ProtocolError('not-online', `${user} does not follow this room now: ask another member.`);
  }
  services.keyRequests.open({ room, number, asker: person.fingerprint, asked: user });
  return {};
}

export async function giveKey(
  { room, number, wrap }: RequestOf<'give-key'>,
  { room: state, person, services }: MemberCall,
): Promise<ResultOf<'give-key'>> {
  const asker = state.members.find(({ fingerprint }) => fingerprint === wrap.to);
  if (asker === undefined) {
    throw new ProtocolError('unknown-member', 'Whoever this is wrapped for is not in this room: give it to nobody.');
  }
  if (!services.keyRequests.close({ room, number, asker: wrap.to, asked: person.user })) {
    throw new ProtocolError('not-allowed', `${asker.user} has not asked you for this key of late: wait to be asked.`);
  }
  await services.store.putWrap(room, number, wrap);
  services.followers.tell(room, asker.user, { push: 'key-given', room, number });
  return {};
}
