/** Handler for the wraps of the epoch that the caller is about to append. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Identity, isBlank, ProtocolError, type RequestOf, type ResultOf, wrapBytes } from '@chat/protocol';
import { recipientsOf } from '../domain/entry-rules/epoch-wraps.ts';
import { userIn } from '../domain/entry-rules/user-index.ts';
import { isUnread } from '../domain/keys/links.ts';
import type { MemberCall } from './chat-call.ts';

/** Links whose look-up leaves no time for more in the same turn of the event loop. */
const linksPerTurn = 200;
/** Wraps that one unit of cost pays for. */
const wrapsPerCost = 50;

/** Computes the cost of a request that has not been validated yet. */
export const wrapsCost = ({ wraps }: Readonly<Record<string, unknown>>): number =>
  2 + (wraps instanceof Uint8Array ? Math.floor(wraps.length / (wrapBytes * wrapsPerCost)) : 0);

/** Sheets that are hashed in one turn of the event loop: 1,000 hashes, about 2 ms. */
const sheetsPerTurn = 16;

/** Stages wraps for the epoch entry that the caller is about to append. */
export async function putWraps(
  { room, number, kind, first, wraps }: RequestOf<'put-wraps'>,
  call: MemberCall,
): Promise<ResultOf<'put-wraps'>> {
  const recipients = recipientsOf(call.room, kind);
  const count = wraps.length / wrapBytes;
  const addressed = recipients.identities.slice(first, first + count);
  const [from, to] = [addressed[0], addressed.at(-1)];
  if (from === undefined || to === undefined || addressed.length < count) {
    throw new ProtocolError(
      'wraps-mismatch',
      `The epoch has ${recipients.identities.length} recipients, and the wraps are for more: read the log up to its head and make them again.`,
    );
  }
  const isMember = ({ user, fingerprint }: Identity) => userIn(call.room.members, user)?.fingerprint === fingerprint;
  const range = { first: from.fingerprint, last: to.fingerprint };
  const links = await call.services.links.live(call.caller.fingerprint, range);
  // The look-up of a thousand links and the look at the wraps each take a turn of their own.
  if (links.size > linksPerTurn) await nextTurn();
  const put = new Map<number, Uint8Array | null>();
  const unknown: number[] = [];
  const unread: number[] = [];
  for (let at = 0; at < wraps.length; at += wrapBytes) {
    const index = first + at / wrapBytes;
    const wrap = wraps.subarray(at, at + wrapBytes);
    const recipient = addressed[index - first];
    const waits = isBlank(wrap) ? false : isUnread(links, recipient?.fingerprint ?? '', wrap);
    put.set(index, waits === null ? null : wrap);
    if (waits === null) unknown.push(index);
    // No member learns when the client of an invited user connects.
    else if (waits && recipient !== undefined && isMember(recipient)) unread.push(index);
  }
  const hashes = call.wraps.put({ room, number, kind }, recipients.bytes, put);
  let made = 0;
  for (const _ of hashes.fill()) if (++made % sheetsPerTurn === 0) await nextTurn();
  return { unknown, unread };
}
