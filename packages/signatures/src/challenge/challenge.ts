/**
 * Challenges that a server issues and a client answers with its key: for one purpose, on one channel, once, within a
 * lifetime. Times are milliseconds on the caller's clock, which must not run backwards.
 */
import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.ts';
import { SignatureError } from '../errors.ts';
import { bytesInput, requireMethod, requireOptions, textInput } from '../input.ts';
import { type Domain, lengthPrefixed } from '../signing/domain.ts';
import type { Signer } from '../signing/signer.ts';
import type { Verifier } from '../signing/verifier.ts';
import type { ChallengeRecord, ChallengeStore } from './challenge-store.ts';

const challengeBytes = 32;

/** What client and server each know by themselves and never take from the other side. */
export interface ChallengeTerms {
  /** What an answer permits, for example `login`. Not empty. */
  readonly purpose: string;
  /**
   * Bytes that only the two ends of this connection know: the TLS exporter value (RFC 9266). They prevent a hostile server
   * from passing a challenge on to its own clients. Not empty. If omitted, the challenge is bound to no connection: then
   * name the server in `purpose`.
   */
  readonly channel?: Uint8Array | undefined;
}

/** The options of `issueChallenge`. */
export interface ChallengeIssue extends ChallengeTerms {
  /** The current time in milliseconds. */
  readonly now: number;
  /** The time within which an answer is accepted, in milliseconds, above 0. 30,000 is ample if no person is asked. */
  readonly lifetimeMs: number;
  /** Returns so many random bytes. The system's generator if omitted; replace it in tests only. */
  readonly random?: ((length: number) => Uint8Array) | undefined;
}

/** The options of `answerChallenge`. */
export interface ChallengeAnswer extends ChallengeTerms {
  /** The user name under which the client answers. */
  readonly username: string;
}

/** The options of `verifyChallenge`. */
export interface ChallengeCheck extends ChallengeAnswer {
  /** The challenge that the client sent back. */
  readonly challenge: string;
  /** The answer that the client sent: DER. */
  readonly answer: Uint8Array;
  /**
   * The key in the server's own records for this user name, never one that the client sent. `undefined` for an unknown name,
   * which gives the same result as a wrong answer and uses the challenge up too.
   */
  readonly verifier: Verifier | undefined;
  /** The current time in milliseconds. */
  readonly now: number;
}

/** The user who answered a challenge. */
export interface ProvenIdentity {
  /** The user name that was checked. */
  readonly username: string;
  /** The fingerprint of the key that answered: 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
}

/**
 * Creates a challenge and stores its record. Purpose and channel are not part of the challenge: a client signs only what it
 * knows by itself, so it cannot be made to sign for another purpose.
 *
 * @returns 32 random bytes as 43 characters of base64url
 * @throws SignatureError `invalid-argument`; or the store's error
 */
export async function issueChallenge(store: ChallengeStore, issue: ChallengeIssue): Promise<string> {
  requireOptions(issue, 'challenge', ['purpose', 'channel', 'now', 'lifetimeMs', 'random']);
  const { now, lifetimeMs, random = backend.randomBytes } = issue;
  requireTime(now);
  if (!(Number.isFinite(lifetimeMs) && lifetimeMs > 0)) {
    throw new SignatureError('invalid-argument', 'the lifetime must be a number of milliseconds above 0');
  }
  const terms = recordedTerms(issue);
  const bytes = bytesInput(random(challengeBytes), 'randomness');
  if (bytes.length !== challengeBytes) throw new SignatureError('invalid-argument', 'the randomness must be 32 bytes');
  const challenge = encodeBase64Url(bytes);
  requireMethod(store, 'add', 'store');
  await store.add(challenge, { ...terms, expiresAt: now + lifetimeMs }, now);
  return challenge;
}

/**
 * Signs a challenge for this purpose, on this channel, under this user name. The domain is protocol `@chat/signatures`,
 * purpose `challenge-answer`, context the caller's purpose; the data is the challenge (32 bytes), the user name and the
 * channel (empty if there is none), each after its length.
 *
 * @returns DER, at most 104 bytes
 * @throws SignatureError `unknown-challenge` for text that is not a challenge, `invalid-argument`
 */
export function answerChallenge(signer: Pick<Signer, 'sign'>, challenge: string, answer: ChallengeAnswer): Uint8Array {
  requireMethod(signer, 'sign', 'signer');
  requireOptions(answer, 'answer', ['purpose', 'channel', 'username']);
  return signer.sign(answerDomain(answer), answerData(challenge, answer));
}

/**
 * Verifies that the user holds the key. The first answer uses the challenge up, right or wrong, even if many arrive at once,
 * so a challenge costs a server at most one verification.
 *
 * Await the result. It rejects unless the answer is right, so a caller that ignores the result has refused the user:
 *
 * - `unknown-challenge`: never issued, used, or dropped. The store does not know which.
 * - `expired-challenge`: the client requests another one. Many of these indicate a slow connection or clocks that differ.
 * - `wrong-purpose`, `wrong-channel`: issued for another request or connection: a fault of the client, or a replay.
 * - `wrong-answer`: everything about the signature: malformed, another key, name or challenge, an unknown user.
 * - `invalid-argument`: a fault of the calling code, or a user name that is not Unicode text. The challenge is not used up.
 *
 * The first four codes reveal to a client only what it knows: its own purpose, channel and timing. Everything that depends
 * on the server's records, namely which users exist and with which keys, gives the one code `wrong-answer`.
 *
 * @returns the user and the key that answered
 * @throws SignatureError `unknown-challenge`, `expired-challenge`, `wrong-purpose`, `wrong-channel`, `wrong-answer`,
 *   `invalid-argument`; or the store's error
 */
export async function verifyChallenge(store: ChallengeStore, check: ChallengeCheck): Promise<ProvenIdentity> {
  requireMethod(store, 'take', 'store');
  requireOptions(check, 'check', ['purpose', 'channel', 'username', 'challenge', 'answer', 'verifier', 'now']);
  const { challenge, answer, username, verifier, now } = check;
  requireTime(now);
  if (verifier !== undefined) requireMethod(verifier, 'verify', 'verifier');
  const { purpose, channel } = recordedTerms(check);
  const domain = answerDomain(check);
  const data = answerData(challenge, check);

  const issued = (await store.take(challenge)) ?? null;
  if (issued === null) throw unknownChallenge();
  if (!(now < issued.expiresAt)) {
    throw new SignatureError('expired-challenge', 'the challenge was answered too late: request another one');
  }
  if (issued.purpose !== purpose) {
    throw new SignatureError('wrong-purpose', 'the challenge was issued for another purpose: request one for this one');
  }
  if (issued.channel !== channel) {
    throw new SignatureError(
      'wrong-channel',
      'the challenge was issued on another connection: request one on this one',
    );
  }
  if (verifier?.verify(domain, data, answer) !== true) {
    throw new SignatureError('wrong-answer', "the challenge was not answered with this user's key");
  }
  return { username, fingerprint: verifier.fingerprint };
}

/** Checks the terms and converts them to the form in which the store keeps them. */
function recordedTerms({ purpose, channel }: ChallengeTerms): Omit<ChallengeRecord, 'expiresAt'> {
  if (textInput(purpose, 'purpose').length === 0) {
    throw new SignatureError('invalid-argument', 'the purpose of a challenge must not be empty');
  }
  return { purpose, channel: channel === undefined ? '' : bytesToHex(backend.sha256(channelInput(channel))) };
}

function answerDomain({ purpose }: ChallengeTerms): Domain {
  return { protocol: '@chat/signatures', purpose: 'challenge-answer', context: purpose };
}

function answerData(challenge: string, { username, channel }: ChallengeAnswer): Uint8Array {
  const bytes = typeof challenge === 'string' ? decodeBase64Url(challenge) : null;
  if (bytes?.length !== challengeBytes) throw unknownChallenge();
  const channelBytes = channel === undefined ? new Uint8Array() : channelInput(channel);
  return lengthPrefixed(bytes, textInput(username, 'user name'), channelBytes);
}

function channelInput(channel: Uint8Array): Uint8Array {
  if (!isBytes(channel) || channel.length === 0) {
    throw new SignatureError('invalid-argument', 'the channel must be a Uint8Array, and not empty');
  }
  return channel;
}

function requireTime(now: number): void {
  // The last moment that a Date can hold: microseconds exceed it.
  if (Number.isFinite(now) && Math.abs(now) <= 8.64e15) return;
  throw new SignatureError('invalid-argument', 'the time must be a number of milliseconds');
}

function unknownChallenge(): SignatureError {
  return new SignatureError(
    'unknown-challenge',
    'no such challenge is open: it was used or dropped; request another one',
  );
}
