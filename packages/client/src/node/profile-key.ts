/**
 * The identity key of a profile: opens it with the state that belongs to it, and renews it. In a renewal the new key is on the disk
 * before the server gets it. Once the server has confirmed it, four steps follow: the state is written under the new key beside the
 * other one, the new key takes the place of the one before, then the new state does, and the parts under the key before are erased. A
 * crash between any two leaves a profile that opens, and the next opening finishes what was begun.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readIfThere, removeSynced, renameSynced, writeAtomically } from '@chat/durable-files';
import { type KeyChain, toBase64url } from '@chat/protocol';
import type { Signer } from '@chat/room';
import {
  createSerializedKeys,
  exportPlainPrivateKey,
  SignatureError,
  type UnlockedKeyFile,
  unlockKeyFile,
} from '@chat/signatures';
import { type Certified, renewIdentityKey } from '../connection/enrolment.ts';
import type { ServerAuthority } from '../connection/server-authority.ts';
import type { Transport } from '../connection/transport.ts';
import { ClientError, explain } from '../errors.ts';
import { chainWith, type RenewingUser, renewedState } from '../renewal/own-renewal.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Stored } from '../storage/stored-state.ts';
import { readChain, serverAuthority } from './authority-file.ts';
import { type EarlyUnlock, unlockWith } from './early-unlock.ts';
import { isReadOnly, type ProfileSummary } from './profile-files.ts';
import { profilePaths } from './profile-paths.ts';
import { createSealedFile, type OpenSealedFile, openSealedFile, type ProfileSecret } from './sealed-file.ts';
import { placeRekeyed, removeLeftovers } from './whole-profile/rekeyed-files.ts';

/** Opens the identity key. The only derivation from the password at a start: `state.sealed` has a key from its secret. */
export async function openIdentity(
  path: string,
  password: string,
  early: EarlyUnlock | null = null,
): Promise<UnlockedKeyFile> {
  try {
    return await unlockWith(early, await readFile(path, 'utf8'), password);
  } catch (cause) {
    if (cause instanceof SignatureError && (cause.code === 'wrong-password' || cause.code === 'empty-password')) {
      throw new ClientError('wrong-password', 'That is not the password of this profile.', { cause });
    }
    throw new ClientError(
      'profile-damaged',
      `The identity key ${path} cannot be read: restore it from a backup; it was left as it is.`,
      { cause },
    );
  }
}

/** The opened files of a profile. */
export interface OpenFiles extends OpenSealedFile {
  readonly signer: Signer;
  /** What opens the sealed file. */
  readonly secret: Uint8Array;
  /** True if a crash had come between the last steps of a renewal: the files are those of the new key. */
  readonly wasCutOff: boolean;
  readonly authority: ServerAuthority;
  readonly stored: Stored;
}

/** Opens the identity key of a profile, and the state that belongs to it. Changes nothing. */
export async function readFiles(profile: ProfileSummary, password: string): Promise<OpenFiles> {
  const { opened } = await openBoth(profile, password, null);
  return opened;
}

/**
 * Opens the identity key of a profile, and the state that belongs to it. Finishes a renewal or a change of the password that was cut off
 * between its last steps. To be called under the profile's lock.
 */
export async function openFiles(
  profile: ProfileSummary,
  password: string,
  early: EarlyUnlock | null = null,
): Promise<OpenFiles> {
  const { opened, statePath } = await openBoth(profile, password, early);
  const { directory } = profile;
  const { state, rekeyedState } = profilePaths(directory);
  try {
    if (statePath === rekeyedState) await placeRekeyed(directory);
    else if (statePath !== state) await renameSynced(statePath, state);
    await removeLeftovers(directory);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return opened;
  }
  if (statePath === state) return opened;
  const { secret } = opened;
  const settled = await openSealedFile(state, { secret, password });
  await settled.eraseOthers();
  return { ...opened, ...settled };
}

async function openBoth(
  { directory, serverId }: ProfileSummary,
  password: string,
  early: EarlyUnlock | null,
): Promise<{ readonly opened: OpenFiles; readonly statePath: string }> {
  const { identity } = profilePaths(directory);
  const [{ signer, secret }, chain] = await Promise.all([
    openIdentity(identity, password, early),
    readChain(directory, serverId),
  ]);
  const { file, statePath } = await openState(directory, { secret, password });
  const authority = serverAuthority(directory, chain);
  const wasCutOff = statePath === profilePaths(directory).nextState;
  return { opened: { ...file, signer, secret, authority, wasCutOff }, statePath };
}

/** Opens the state that belongs to the key: the one beside the other after a crash between the last steps of a change of the key file. */
async function openState(directory: string, secret: ProfileSecret) {
  const { state, nextState, rekeyedState } = profilePaths(directory);
  const open = async (statePath: string) => ({ file: await openSealedFile(statePath, secret), statePath });
  // Before the state in its place, which in the form of an earlier version opens with the password alone.
  const isRekeyed = (await readIfThere(rekeyedState)) !== null;
  const rekeyed = isRekeyed ? await open(rekeyedState).catch(() => null) : null;
  if (rekeyed !== null) return rekeyed;
  if (!(await isBetweenRenamings(directory))) return open(state);
  return open(nextState).catch((error: unknown) =>
    // The file is what another renewal has left: the state of this key is in its place.
    open(state).catch(() => {
      throw error;
    }),
  );
}

/** A profile that is open, with its present key. */
export interface RenewableProfile extends RenewingUser {
  readonly directory: string;
  readonly archiveKey: Uint8Array;
  readonly transport: Transport;
  readonly scheduler: Scheduler;
}

/** Creates the key of a renewal, unless one was created before. It is on the disk afterwards. */
export async function prepareRenewal(directory: string, password: string): Promise<void> {
  const { nextIdentity } = profilePaths(directory);
  if ((await readIfThere(nextIdentity)) !== null) return;
  await writeAtomically(nextIdentity, createSerializedKeys(password).privatePem);
}

/** The key of a renewal. */
export interface PendingKey extends UnlockedKeyFile {
  /** Returns the private half, PKCS #8 in base64url, for the backups of the profile. */
  readonly exported: () => string;
}

/** Returns the key of a renewal that was begun; null if none was, or it does not open with this password. */
export async function pendingRenewal(directory: string, password: string): Promise<PendingKey | null> {
  const pem = await readIfThere(profilePaths(directory).nextIdentity);
  const unlocked = pem === null ? null : await unlockKeyFile(pem, password).catch(() => null);
  if (pem === null || unlocked === null) return null;
  return { ...unlocked, exported: () => toBase64url(exportPlainPrivateKey(pem, password, 'der')) };
}

/** Returns how a renewal stands that `confirmRenewal` could not confirm. */
export async function renewalLeft(directory: string): Promise<'unfinished' | 'refused'> {
  return (await readIfThere(profilePaths(directory).nextIdentity)) === null ? 'refused' : 'unfinished';
}

/** True for the codes by which the account has another key than those of the renewal, or none for good. */
const isFinal = (code: string): boolean => ['login-refused', 'key-renewed', 'access-revoked'].includes(code);

/** What the server has confirmed of a renewal. */
export interface ConfirmedRenewal {
  readonly next: PendingKey;
  /** The renewals up to the new key. */
  readonly chain: KeyChain;
  /** For the new key. */
  readonly certified: Certified;
}

/**
 * Asks the server to bind the user name to the key of a renewal.
 *
 * @param next the key of the renewal
 * @throws ProtocolError the server's refusal: nothing of the renewal is left if it is final
 * @throws ClientError without an answer: the outcome is unknown, and the renewal stays begun
 */
export async function confirmRenewal(profile: RenewableProfile, next: PendingKey): Promise<ConfirmedRenewal> {
  const { user, transport, scheduler, directory } = profile;
  const chain = chainWith(profile, next.signer, scheduler.now());
  try {
    return {
      ...{ next, chain },
      certified: await renewIdentityKey({ transport, scheduler }, { user, signer: next.signer }, chain),
    };
  } catch (error) {
    // By any other answer, and without one, the server may have the new key already: it must not be lost.
    if (isFinal(explain(error).code)) await abandonRenewal(directory);
    throw error;
  }
}

/** The state first: without the key beside it, it would count as the profile's. */
async function abandonRenewal(directory: string): Promise<void> {
  const { nextState, nextIdentity } = profilePaths(directory);
  for (const path of [nextState, nextIdentity]) await removeSynced(directory, [basename(path)]);
}

/**
 * Puts the key of a renewal, and the state under it, in the place of those before.
 *
 * @throws the system's error: nothing may be stored with the key before from then on, and the next opening finishes the renewal
 */
export async function storeRenewal(
  profile: RenewableProfile,
  { next, chain, certified }: ConfirmedRenewal,
): Promise<void> {
  const paths = profilePaths(profile.directory);
  const { recovery, ...renewed } = renewedState(profile, next.signer, chain);
  const withKey = recovery === undefined ? {} : { recovery: { ...recovery, identity: next.exported() } };
  const stored = { ...renewed, ...withKey, certified };
  const { eraseOthers } = await createSealedFile(paths.nextState, next.secret, stored, profile.archiveKey);
  await renameSynced(paths.nextIdentity, paths.identity);
  await renameSynced(paths.nextState, paths.state);
  await eraseOthers();
}

/** Returns whether a crash has come between the two renamings: the state that belongs to the key is the one beside the other then. */
async function isBetweenRenamings(directory: string): Promise<boolean> {
  const { nextState, nextIdentity } = profilePaths(directory);
  return (await readIfThere(nextState)) !== null && (await readIfThere(nextIdentity)) === null;
}
