/** A message of a kind that this version does not know, as a later version would send it. */
import { encodeMessageContent, type MessageBody } from '@chat/protocol';
import { currentSecret } from '@chat/room';
import { messageKey } from '../../../packages/room/src/keys/schedule.ts';
import { signed } from './forge.ts';
import type { Participant, RecordedRoom } from './recorded-room.ts';

/** Lets a participant say something of this kind. */
export function sayNewer(recorded: RecordedRoom, person: Participant, number: number, bytes: Uint8Array): void {
  const { state, signer } = person;
  const { crypto, now } = recorded.author(person);
  const [current, chain] = [currentSecret(state), state.authors.get(signer.fingerprint)];
  if (current === null || chain === undefined) throw new Error(`${person.name} cannot write.`);
  const { roomId } = recorded;
  const { epochNumber, secret } = current;
  const key = messageKey(crypto, secret, { roomId, epochNumber, author: signer.fingerprint });
  const body: MessageBody = { kind: 'newer', number, bytes };
  const content = { counter: chain.counter + 1, previous: chain.last, at: now, body };
  const token = crypto.encrypt(key, encodeMessageContent(content), now);
  recorded.append(signed(signer, 'message', roomId, { type: 'message', epoch: epochNumber, head: state.head, token }));
}
