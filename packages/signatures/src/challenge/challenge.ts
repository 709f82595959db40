/**
 * Challenges that a server issues and somebody answers with their key: for one purpose, one channel, once, and not for
 * long. No clock of its own: times are milliseconds on any clock that runs forwards and stays the same.
 */
import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url.ts';
import { SignatureError } from '../errors.ts';
import { bytesInput, textInput } from '../input.ts';
import type { Domain } from '../signing/domain.ts';
import { lengthPrefixed } from '../signing/length-prefixed.ts';
import type { Signer } from '../signing/signer.ts';
import type { Verifier } from '../signing/verifier.ts';
import type { ChallengeRecord, ChallengeStore } from './challenge-store.ts';

const challengeBytes = 32;

/** What both sides know by themselves and never take from the other. */
export interface ChallengeTerms {
  /** What an answer permits, e.g. `login`. Not empty. */
  readonly purpose: string;
  /**
   * What identifies the connection to both of its ends and to nobody else: the TLS exporter value (RFC 9266). It is what
   * keeps a hostile server from passing a challenge on to its own clients. Not empty; without a channel, leave it out,
   * and name the server in `purpose`.
   */
  readonly channel?: Uint8Array | undefined;
}

export interface ChallengeIssue extends ChallengeTerms {
  readonly now: number;
  /** How long an answer may take, in milliseconds: above 0. Half a minute is ample when no human is asked. */
  readonly lifetimeMs: number;
  /** Where the 32 bytes come from: the system's generator if left out. Give another in tests only. */
  readonly random?: ((length: number) => Uint8Array) | undefined;
}

export interface ChallengeAnswer extends ChallengeTerms {
  /** The name under which to be known. */
  readonly username: string;
}

export interface ChallengeCheck extends ChallengeAnswer {
  /** As the client sent it. */
  readonly challenge: string;
  /** As the client sent it: DER. */
  readonly answer: Uint8Array;
  /**
   * The key in the server's own records for this user name, never one that the client sent. Undefined for an unknown
   * name, which then looks like a wrong answer: no need to treat it apart, and to forget using up the challenge.
   */
  readonly verifier: Verifier | undefined;
  readonly now: number;
}

/** Who answered. */
export interface ProvenIdentity {
  readonly username: string;
  /** Of the key that answered. */
  readonly fingerprint: string;
}

/**
 * Makes a challenge and remembers it in the store: 32 random bytes as 43 characters of base64url, to be sent as they
 * are. Purpose and channel are not in it: a client that signs only what it knows by itself cannot be made to sign for
 * anything else.
 *
 * Rejects with `invalid-argument`, and with what the store throws.
 */
export async function issueChallenge(store: ChallengeStore, issue: ChallengeIssue): Promise<string> {
  const { now, lifetimeMs, random = backend.randomBytes } = issue;
  requireTime(now);
  if (!(Number.isFinite(lifetimeMs) && lifetimeMs > 0)) {
    throw new SignatureError('invalid-argument', 'The lifetime must be a number of milliseconds above 0.');
  }
  const terms = recordedTerms(issue);
  const bytes = bytesInput(random(challengeBytes), 'randomness');
  if (bytes.length !== challengeBytes) throw new SignatureError('invalid-argument', 'The randomness must be 32 bytes.');
  const challenge = encodeBase64Url(bytes);
  await store.add(challenge, { ...terms, expiresAt: now + lifetimeMs }, now);
  return challenge;
}

/**
 * Signs a challenge for this purpose, on this channel, under this user name: DER, at most 104 bytes. The domain is
 * protocol `@chat/signatures`, purpose `challenge-answer`, context the caller's purpose; the data are challenge (32
 * bytes), user name and channel (empty when there is none), each behind its length.
 *
 * Throws `unknown-challenge` for text that is not a challenge, `invalid-argument`.
 */
export function answerChallenge(signer: Pick<Signer, 'sign'>, challenge: string, answer: ChallengeAnswer): Uint8Array {
  return signer.sign(answerDomain(answer), answerData(challenge, answer));
}

/**
 * Whether somebody proved to hold the key, in one step that uses the challenge up: by its first answer, right or wrong,
 * however many arrive at once. So a challenge costs a server one signature check at most.
 *
 * Await it. Resolves to who it was, and rejects otherwise, so that whoever forgets to look at the result has refused:
 * - `unknown-challenge`: never issued, or used, or dropped. Which of these, nobody remembers.
 * - `expired-challenge`: the client asks for a new one. Many of these mean a slow line or clocks that differ.
 * - `wrong-purpose`, `wrong-channel`: issued for another request or connection. A mistake of the client's, or a replay.
 * - `wrong-answer`: everything about the signature: malformed, another key, name or challenge, an unknown user.
 * - `invalid-argument`: a mistake of the calling code or a user name that is not Unicode text; the challenge is kept.
 *
 * The first four tell a client only what it could know: its own purpose, channel and timing. What depends on the
 * server's records, who exists and with which key, is in the one opaque `wrong-answer`.
 */
export async function verifyChallenge(store: ChallengeStore, check: ChallengeCheck): Promise<ProvenIdentity> {
  const { challenge, answer, username, verifier, now } = check;
  requireTime(now);
  const { purpose, channel } = recordedTerms(check);
  const domain = answerDomain(check);
  const data = answerData(challenge, check);

  const issued = await store.take(challenge);
  if (issued === undefined) throw unknownChallenge();
  if (!(now < issued.expiresAt)) {
    throw new SignatureError('expired-challenge', 'The challenge was answered too late. Ask for a new one.');
  }
  if (issued.purpose !== purpose) {
    throw new SignatureError('wrong-purpose', 'The challenge was issued for another purpose. Ask for one for this.');
  }
  if (issued.channel !== channel) {
    throw new SignatureError('wrong-channel', 'The challenge was issued on another connection. Ask for one on this.');
  }
  if (verifier?.verify(domain, data, answer) !== true) {
    throw new SignatureError('wrong-answer', 'The challenge was not answered with the key of this user.');
  }
  return { username, fingerprint: verifier.fingerprint };
}

/** Checks the terms, and brings them into the form in which they are remembered. */
function recordedTerms({ purpose, channel }: ChallengeTerms): Omit<ChallengeRecord, 'expiresAt'> {
  if (textInput(purpose, 'purpose').length === 0) {
    throw new SignatureError('invalid-argument', 'A challenge has a purpose, and this one is empty.');
  }
  return { purpose, channel: channel === undefined ? '' : bytesToHex(backend.sha256(channelInput(channel))) };
}

function answerDomain({ purpose }: ChallengeTerms): Domain {
  return { protocol: '@chat/signatures', purpose: 'challenge-answer', context: purpose };
}

function answerData(challenge: string, { username, channel }: ChallengeAnswer): Uint8Array {
  const bytes = typeof challenge === 'string' ? decodeBase64Url(challenge) : undefined;
  if (bytes?.length !== challengeBytes) throw unknownChallenge();
  const channelBytes = channel === undefined ? new Uint8Array() : channelInput(channel);
  return lengthPrefixed(bytes, textInput(username, 'user name'), channelBytes);
}

function channelInput(channel: Uint8Array): Uint8Array {
  if (!isBytes(channel) || channel.length === 0) {
    throw new SignatureError('invalid-argument', 'The channel must be a Uint8Array, and not empty.');
  }
  return channel;
}

function requireTime(now: number): void {
  if (!Number.isFinite(now)) throw new SignatureError('invalid-argument', 'The time must be a number of milliseconds.');
}

function unknownChallenge(): SignatureError {
  return new SignatureError(
    'unknown-challenge',
    'No such challenge is open: it was used, or dropped. Ask for another.',
  );
}
