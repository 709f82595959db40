/** Messages as the store keeps them. */

/** Names a message of a room. */
export interface MessageReference {
  /** Position in the room's log. */
  readonly seq: number;
  /** The entry hash. */
  readonly hash: string;
}

/** A file that a message sends: where its ciphertext is, its key, and what is shown of it. */
export interface KeptFile {
  readonly blob: string;
  readonly key: string;
  readonly hash: string;
  readonly size: number;
  readonly name: string;
  readonly type: string;
}

/** The latest reaction of one user to a message. */
export interface KeptReaction {
  readonly user: string;
  /** Position of the user's first reaction. */
  readonly first: number;
  /** Position of the latest one. */
  readonly seq: number;
  /** Empty for a reaction that was withdrawn. */
  readonly text: string;
}

/** A message of a room, as later ones have changed it. */
export interface KeptMessage {
  /** Position in the room's log. */
  readonly seq: number;
  /** The author's user name. */
  readonly user: string;
  /** The fingerprint of the author's identity key. */
  readonly fingerprint: string;
  /** The text of the latest edit; empty for a deleted message, and for one of a later version. */
  readonly text: string;
  /** Milliseconds since 1970, by the author's clock. */
  readonly at: number;
  /** The entry hash. Absent in what an earlier version has stored: such a message cannot be changed. */
  readonly hash?: string | undefined;
  /** True for what the author does, in the third person. */
  readonly action?: true | undefined;
  /** The message that it answers. */
  readonly replyTo?: MessageReference | undefined;
  /** The file that it sends. */
  readonly file?: KeptFile | undefined;
  /** The number of a kind that this version does not know, and what the message says, in base64url. */
  readonly newer?: { readonly number: number; readonly body: string } | undefined;
  /** Position and time of the latest edit. */
  readonly edited?: { readonly seq: number; readonly at: number } | undefined;
  /** Position and time of the deletion, and who has made it: the author, or a moderator. */
  readonly deleted?: { readonly seq: number; readonly at: number; readonly by: string } | undefined;
  /** Ordered by `first`. */
  readonly reactions?: readonly KeptReaction[] | undefined;
  /** When the client read it, in ms since 1970 by this machine's clock. Default: when it is added. */
  readonly readAt?: number | undefined;
}

/** A message with its place in the store. */
export interface PlacedMessage extends KeptMessage {
  /** The number of the stream: of one room, from when it was added to when it was erased. */
  readonly stream: number;
  /** When the client read the message, in ms since 1970 by this machine's clock. */
  readonly readAt: number;
}

/** Orders messages by stream and position, as they stand in a segment. */
export const byPlace = (a: PlacedMessage, b: PlacedMessage): number => a.stream - b.stream || a.seq - b.seq;

/** Returns how many characters a message has that take space: as many as others add by their reactions, too. */
export function lengthOf({ text, file, newer, reactions = [] }: KeptMessage): number {
  const ofFile = file === undefined ? 0 : file.name.length + file.type.length;
  const ofReactions = reactions.reduce((sum, each) => sum + each.user.length + each.text.length, 0);
  return text.length + ofFile + (newer?.body.length ?? 0) + ofReactions;
}

/** Returns the text by whose words a message is found: what it says, and the name of the file that it sends. */
export const searchedText = ({ text, file }: KeptMessage): string =>
  file === undefined ? text : `${file.name}\n${text}`;

/** Returns a message as it was added. */
export function withoutPlace({ stream: _, ...message }: PlacedMessage): KeptMessage {
  return message;
}
