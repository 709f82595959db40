/** What a message says, by its kind: a text, a reply, an action, a file, or a word about an earlier message. */
import { hexOf, putHex, utf8 } from '../bytes.ts';
import { decodeFileReference, encodeFileReference, type FileReference } from '../file/file-reference.ts';
import { limits } from '../limits.ts';

/** Names one message of a room's log. The hash decides: no server can put another entry in its place. */
export interface MessageReference {
  /** Position on the log. */
  readonly seq: number;
  /** The entry hash. */
  readonly hash: string;
}

/** What a message says. */
export type MessageBody =
  | { readonly kind: 'text'; readonly text: string }
  /** A text that answers another message. */
  | { readonly kind: 'reply'; readonly target: MessageReference; readonly text: string }
  /** Takes the place of the text of an earlier message of the same author. */
  | { readonly kind: 'edit'; readonly target: MessageReference; readonly text: string }
  /** Takes back an earlier message of the same author. */
  | { readonly kind: 'delete'; readonly target: MessageReference }
  /** The author's one reaction to a message; an empty text withdraws it. */
  | { readonly kind: 'reaction'; readonly target: MessageReference; readonly text: string }
  /** What the author does, in the third person. */
  | { readonly kind: 'action'; readonly text: string }
  /** Hides a message for all. It counts if the author is the owner or a moderator. */
  | { readonly kind: 'hide'; readonly target: MessageReference }
  /** A file, with a text about it, which may be empty. */
  | { readonly kind: 'file'; readonly file: FileReference; readonly text: string }
  /** A kind of a later version. */
  | { readonly kind: 'newer'; readonly number: number; readonly bytes: Uint8Array };

/** The kinds of messages that this version makes. */
export type MessageKind = Exclude<MessageBody['kind'], 'newer'>;

interface Layout {
  readonly number: number;
  /** True if it begins with the position and the hash of a message. */
  readonly hasTarget: boolean;
  /** True if it begins with what there is to say of a file. */
  readonly hasFile: boolean;
  /** The size of the text that follows, in UTF-8; null for none. */
  readonly textBytes: { readonly min: number; readonly max: number } | null;
}

const wholeText = { min: 1, max: limits.messageTextBytes };
const noText = { min: 0, max: 0 };

const layouts: Readonly<Record<MessageKind, Layout>> = {
  text: { number: 1, hasTarget: false, hasFile: false, textBytes: wholeText },
  reply: { number: 2, hasTarget: true, hasFile: false, textBytes: wholeText },
  edit: { number: 3, hasTarget: true, hasFile: false, textBytes: wholeText },
  delete: { number: 4, hasTarget: true, hasFile: false, textBytes: null },
  reaction: { number: 5, hasTarget: true, hasFile: false, textBytes: { min: 0, max: limits.reactionBytes } },
  action: { number: 6, hasTarget: false, hasFile: false, textBytes: wholeText },
  hide: { number: 7, hasTarget: true, hasFile: false, textBytes: null },
  file: { number: 8, hasTarget: false, hasFile: true, textBytes: { ...wholeText, min: 0 } },
};

const kinds = new Map(Object.entries(layouts).map(([kind, layout]) => [layout.number, [kind, layout] as const]));
const targetBytes = 6 + 32;
const uint32 = 2 ** 32;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the text of a body; an empty one if its kind has none. */
export const textOfBody = (body: MessageBody): string => ('text' in body ? body.text : '');

/** Returns the message that a body is about; null if there is none. */
export const targetOfBody = (body: MessageBody): MessageReference | null => ('target' in body ? body.target : null);

/** Returns how many bytes of UTF-8 the text of a kind has. */
export const textBytesOf = (kind: MessageKind): { readonly min: number; readonly max: number } =>
  layouts[kind].textBytes ?? noText;

/** Returns the size of an encoded body in bytes. */
export const sizeOfBody = (body: MessageBody): number => encodeMessageBody(body).bytes.length;

/** Encodes a body as the number of its kind and the bytes after the time. */
export function encodeMessageBody(body: MessageBody): { readonly number: number; readonly bytes: Uint8Array } {
  if (body.kind === 'newer') return { number: body.number, bytes: body.bytes };
  const { number } = layouts[body.kind];
  const text = utf8(textOfBody(body));
  if (body.kind === 'file') return { number, bytes: joined(encodeFileReference(body.file), text) };
  const target = targetOfBody(body);
  if (target === null) return { number, bytes: text };
  const bytes = new Uint8Array(targetBytes + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(target.seq / uint32));
  view.setUint32(2, target.seq % uint32);
  putHex(target.hash, bytes, 6);
  bytes.set(text, targetBytes);
  return { number, bytes };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

/** Decodes a body; null when these bytes are none of its kind. A kind of a later version has any bytes. */
export function decodeMessageBody(number: number, bytes: Uint8Array): MessageBody | null {
  const [kind, layout] = kinds.get(number) ?? [];
  if (kind === undefined || layout === undefined) return { kind: 'newer', number, bytes: bytes.slice() };
  const { hasTarget, hasFile, textBytes } = layout;
  const found = hasFile ? decodeFileReference(bytes) : null;
  if (hasFile && found === null) return null;
  const rest = hasTarget ? bytes.subarray(targetBytes) : (found?.rest ?? bytes);
  const { min, max } = textBytes ?? noText;
  if ((hasTarget && bytes.length < targetBytes) || rest.length < min || rest.length > max) return null;
  const target = hasTarget ? targetIn(bytes) : null;
  if (hasTarget && target === null) return null;
  try {
    const text = textBytes === null ? {} : { text: strict.decode(rest) };
    const file = found === null ? {} : { file: found.file };
    return { kind, ...(target === null ? {} : { target }), ...file, ...text } as MessageBody;
  } catch {
    return null;
  }
}

/** Returns the reference with which a body begins; null if its position is none. */
function targetIn(bytes: Uint8Array): MessageReference | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seq = view.getUint16(0) * uint32 + view.getUint32(2);
  return seq === 0 ? null : { seq, hash: hexOf(bytes, 6, targetBytes) };
}
