/** Names of files that other users chose, made safe for the disk; and media types of files to send. */
import { isFileName, limits } from '@chat/protocol';

/** File systems take 255 bytes. A number for a name that is taken, and the ending of a draft, need some of them. */
const maxNameBytes = 200;
/** What Windows and other systems do not take, or read as something else. */
const unsafe = /[<>:"/\\|?*]/gu;
/** Control and format characters, among them changes of direction; separators of lines; what is not a character. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Names of devices on Windows, with any ending. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
const longestEnding = 16;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Returns the characters with which a text begins, so many bytes at most. */
function cut(text: string, maxBytes: number): string {
  let result = '';
  let bytes = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > maxBytes) break;
    result += character;
  }
  return result;
}

/** Splits a name into what stands before its ending, and the ending with its dot. */
export function splitName(name: string): readonly [stem: string, ending: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || name.length - dot > longestEnding ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

/**
 * Returns a name that is safe on every system: of one file in a folder, not hidden, no device, without characters that are not seen or that change the
 * direction of others, and so short that a number can be added. Names that need no change stay as they are.
 */
export function safeFileName(name: string): string {
  const visible = name.toWellFormed().normalize('NFC').replace(invisible, '').replace(unsafe, '_').trim();
  // Windows drops dots and spaces at the end. A dot at the beginning hides a file, and a hyphen makes it an option of commands.
  const inner = visible.replace(/[. ]+$/u, '').replace(/^[.-]/u, '_');
  const [stem, ending] = splitName(inner);
  const short = bytesOf(inner) <= maxNameBytes ? inner : cut(stem, maxNameBytes - bytesOf(ending)) + ending;
  const named = device.test(short) ? `_${short}` : short;
  return named === '' ? 'file' : named;
}

/** Returns a name for a message: the name itself if it may stand there. */
export function sentFileName(name: string): string {
  return isFileName(name) ? name : cut(safeFileName(name), limits.fileNameBytes);
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
};

/** Returns the media type that the ending of a name suggests. */
export const mediaTypeOf = (name: string): string =>
  mediaTypes[splitName(name)[1].toLowerCase()] ?? 'application/octet-stream';
