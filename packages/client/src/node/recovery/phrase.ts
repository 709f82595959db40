/** Recovery phrases: 24 words of the English list of BIP 39 for 256 random bits, and the keys that follow from them. */
import { createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { importPlainPrivateKey, type Signer } from '@chat/signatures';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { ClientError } from '../../errors.ts';

const entropyBytes = 32;
/** How many words a recovery phrase has. */
export const phraseWords = 24;

const known: ReadonlySet<string> = new Set(wordlist);

/** Returns a new recovery phrase: words with a space between them. */
export const newPhrase = (): string => entropyToMnemonic(randomBytes(entropyBytes), wordlist);

/** Returns how many letters must be changed, added or removed to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...to].entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A word that is less alike is no suggestion. */
const maxDistance = 2;

/** Returns the word of the list that is most like this one; null if none is alike. The first four letters of a word name it. */
function likely(word: string): string | null {
  const byStart = word.length >= 4 ? wordlist.find((each) => each.startsWith(word.slice(0, 4))) : undefined;
  if (byStart !== undefined) return byStart;
  const [nearest] = wordlist
    .map((each) => ({ each, changes: distance(word, each) }))
    .sort((a, b) => a.changes - b.changes);
  return nearest !== undefined && nearest.changes <= maxDistance ? nearest.each : null;
}

const notAPhrase = (message: string): ClientError => new ClientError('not-a-phrase', message);

/** Only what may stand in a word of the list is repeated in a message: anything else may be another secret. */
const shown = (word: string): string => (/^[a-z]{1,16}$/.test(word) ? `"${word}"` : 'of your phrase');

/**
 * Returns the bits of a phrase. Letter case, and how the words are separated, do not matter.
 *
 * @throws ClientError `not-a-phrase`, whose message says which word is wrong, as far as that can be known
 */
export function entropyOf(phrase: string): Uint8Array {
  const words = phrase
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => word !== '');
  if (words.length !== phraseWords) {
    throw notAPhrase(
      `A recovery phrase has ${phraseWords} words, and these are ${words.length}: enter all of them, in their order.`,
    );
  }
  const wrong = words.findIndex((word) => !known.has(word));
  if (wrong !== -1) {
    const word = words[wrong] ?? '';
    const suggestion = likely(word);
    throw notAPhrase(
      `The word ${wrong + 1}, ${shown(word)}, is not in the list of words.${suggestion === null ? '' : ` Is it "${suggestion}"?`}`,
    );
  }
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    throw notAPhrase(
      'Each of these words is in the list, but together they are no recovery phrase: a word is another one, or two have changed places.',
    );
  }
}

/** Requires that words are a recovery phrase. @throws ClientError `not-a-phrase` */
export const checkPhrase = (phrase: string): void => void entropyOf(phrase);

/** The keys of a recovery phrase at one server. */
export interface RecoveryKeys {
  /** The key of 32 bytes under which backups are encrypted, in base64url. */
  readonly backupKey: string;
  /** Proves to the server that a machine may have the backup. */
  readonly signer: Signer;
}

/** The order of P-384. */
const order = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);
const scalarBytes = 48;
/** 64 bits more than the order has, so that each private key is equally likely (FIPS 186-5, A.2.1). */
const seedBytes = scalarBytes + 8;

/** Returns the key pair that follows from a seed. */
function signerFrom(seed: Buffer): Signer {
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (order - 1n)) + 1n;
  const pair = createECDH('secp384r1');
  const d = Buffer.from(scalar.toString(16).padStart(2 * scalarBytes, '0'), 'hex');
  pair.setPrivateKey(d);
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 1 + scalarBytes), point.subarray(1 + scalarBytes)];
  return importPlainPrivateKey({
    ...{ kty: 'EC', crv: 'P-384' },
    ...{ x: x.toString('base64url'), y: y.toString('base64url'), d: d.toString('base64url') },
  });
}

/**
 * Returns the keys of a recovery phrase. At another server they are others.
 *
 * @param serverId fingerprint of the server's first CA certificate
 */
export function recoveryKeysOf(entropy: Uint8Array, serverId: string): RecoveryKeys {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', entropy, Buffer.from(serverId, 'hex'), `chat/1 recovery ${purpose}`, bytes));
  return { backupKey: derive('backup', 32).toString('base64url'), signer: signerFrom(derive('key', seedBytes)) };
}
