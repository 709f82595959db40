/** The operations on links between two users, and on the wraps that travel over them. */
import { z } from 'zod';
import { wrapBytes } from '../entry/wrap-tree.ts';
import { limits } from '../limits.ts';
import { byteString, fingerprint, roomId } from '../values.ts';

const empty = z.strictObject({});
/** First 8 bytes of a hash: of the opening for the id of a link, of the public key for the id of a prekey. */
const shortId = byteString(8, 8);
const epochNumber = z.int().min(1);

/** What its sender has made of a link for the recipient: version, suite, confirmation and the encapsulated key of X-Wing. */
const opening = byteString(limits.openingBytes, limits.openingBytes);
const linkFields = { id: shortId, prekey: shortId, opening };

/** Names a link at its recipient. The sender belongs to the name, because another sender can choose the same id. */
const linkName = z.strictObject({ from: fingerprint, id: shortId });
/** The name of a link at its recipient. */
export type LinkName = z.infer<typeof linkName>;

/** Epochs of a room that follow each other, the first and the last one included. */
const range = { from: epochNumber, to: epochNumber };
const countOf = ({ from, to }: { readonly from: number; readonly to: number }): number => to - from + 1;
const isForward = (each: { readonly from: number; readonly to: number }): boolean => each.to >= each.from;
const confirmed = z.strictObject({ room: roomId, ...range }).refine(isForward, 'ends before it begins');

/** Operations on the chat port, for links and wraps. */
export const keyOperations = {
  /** Stores openings of links from the user to members or invited users of the room. The same opening once more is no error. */
  'put-links': {
    request: z.strictObject({
      room: roomId,
      links: z
        .array(z.strictObject({ to: fingerprint, ...linkFields }))
        .min(1)
        .max(limits.linksPerRequest),
    }),
    result: z.strictObject({
      /** Places in `links` of those that the server did not take: their prekey is replaced, or too many of the user's openings wait. */
      refused: z.array(z.int().min(0)).max(limits.linksPerRequest),
    }),
  },
  /** Returns openings for the user that wait, the oldest first, and whether there are more. */
  'get-links': {
    request: empty,
    result: z.strictObject({
      links: z.array(z.strictObject({ from: fingerprint, ...linkFields })).max(limits.linksPerRequest),
      more: z.boolean(),
    }),
  },
  /** Erases openings that the user's client has stored, and reports links to the user that it cannot use. */
  'confirm-links': {
    request: z.strictObject({
      taken: z.array(linkName).max(limits.linksPerConfirmation),
      lost: z.array(linkName).max(limits.linksPerConfirmation),
    }),
    result: empty,
  },
  /**
   * Sends wraps for the epoch entry that this session appends next. The recipients of an epoch are in the order of their fingerprints;
   * the wraps are those from `first` on, and zeros stand for a recipient who gets none. Several requests add up, in any order.
   */
  'put-wraps': {
    request: z.strictObject({
      room: roomId,
      number: epochNumber,
      kind: z.enum(['fresh', 'step']),
      first: z.int().min(0).max(limits.roomMembers),
      wraps: byteString(wrapBytes, wrapBytes * limits.wrapsPerRequest).refine(
        (wraps) => wraps.length % wrapBytes === 0,
        'must be whole wraps',
      ),
    }),
    result: z.strictObject({
      /** Places among the recipients of those whose wrap names no live link of the user to them. The server has not taken these wraps. */
      unknown: z.array(z.int().min(0)).max(limits.wrapsPerRequest),
      /** Places of the members whose opening of the link still waits. */
      unread: z.array(z.int().min(0)).max(limits.wrapsPerRequest),
    }),
  },
  /** Answers the key request of a member with a wrap over the user's link to it. The server does not store it. */
  'give-key': {
    request: z.strictObject({
      room: roomId,
      number: epochNumber,
      to: fingerprint,
      wrap: byteString(wrapBytes, wrapBytes),
    }),
    result: empty,
  },
  /** Returns the user's own wraps of the epochs from `from` to `to`, as far as the server has them. */
  'get-wraps': {
    request: z
      .strictObject({ room: roomId, ...range })
      .refine((each) => isForward(each) && countOf(each) <= limits.epochsPerRequest, 'names too many epochs, or none'),
    result: z.strictObject({
      wraps: z
        .array(z.strictObject({ number: epochNumber, wrap: byteString(wrapBytes, wrapBytes) }))
        .max(limits.epochsPerRequest),
    }),
  },
  /** Returns the user's place among the recipients of an epoch, and the proof that its author has put this wrap there. */
  'get-wrap-proof': {
    request: z.strictObject({ room: roomId, number: epochNumber }),
    result: z.strictObject({
      index: z.int().min(0),
      /** Number of recipients. */
      size: z.int().min(1),
      /** Empty: the author has put none. Null: the user has confirmed it, so it is erased. */
      wrap: byteString(0, wrapBytes).nullable(),
      path: byteString(0, 32 * limits.wrapPathHashes),
    }),
  },
  /** Erases the user's own wraps, because the user's client has stored their secrets. The server may do it some seconds later. */
  'confirm-wraps': {
    request: z.strictObject({
      rooms: z
        .array(confirmed)
        .min(1)
        .max(limits.roomsPerConfirmation)
        .refine(
          (rooms) => rooms.reduce((sum, each) => sum + countOf(each), 0) <= limits.epochsPerConfirmation,
          'name too many epochs',
        ),
    }),
    result: empty,
  },
};
