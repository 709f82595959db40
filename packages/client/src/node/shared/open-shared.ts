/** Opens a profile for one of several programs: as the one that has it, or as a guest of that one. */
import { readFile } from 'node:fs/promises';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import { type EarlyUnlock, unlockWith } from '../early-unlock.ts';
import { type Enrolment, enrol, type OpenProfileOptions, openLocked } from '../profile.ts';
import { locked, type ProfileSummary } from '../profile-files.ts';
import { openIdentity } from '../profile-key.ts';
import { profileDirectory, profilePaths } from '../profile-paths.ts';
import { systemScheduler } from '../scheduler.ts';
import { GuestLink, type LinkEnds } from './guest-link.ts';
import { Holder } from './holder/holder.ts';
import { WantedConnection } from './holder/wanted-connection.ts';
import { localKeyOf } from './local-proof.ts';
import type { LinkedClient, OwnClient } from './opened-profile.ts';
import { closedError } from './pending-calls.ts';
import { SharedClient } from './shared-client.ts';

/**
 * How long a program waits for one that has the lock and does not listen: it is just ending, or does something that needs the profile for
 * itself. A program that shares the profile listens before it reads it, and others wait at its socket. Who has used the profile before waits
 * longer, because it has something to lose.
 */
const patienceMs = { first: 15_000, afterLoss: 300_000 } as const;
/** A holder shows every five seconds that it runs. */
const silenceMs = 10_000;
const maxPauseMs = 120;
const minPauseMs = 20;

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    systemScheduler.after(minPauseMs + Math.random() * (maxPauseMs - minPauseMs), resolve);
  });

const isInUse = (error: unknown): boolean => error instanceof ClientError && error.code === 'profile-in-use';

const erased = (cause: unknown): ClientError =>
  new ClientError('profile-damaged', 'The profile, or a file of it, is not on this machine any more.', { cause });

/** Opens one profile, for the first time and whenever the program that had it has ended. */
class ProfileOpener {
  readonly #profile: ProfileSummary;
  readonly #password: string;
  readonly #options: OpenProfileOptions;
  /** The key file as it was opened last. */
  #unlock: EarlyUnlock | null;

  constructor(profile: ProfileSummary, password: string, options: OpenProfileOptions) {
    this.#profile = profile;
    this.#password = password;
    this.#options = options;
    this.#unlock = options.early ?? null;
  }

  async open(ends: LinkEnds): Promise<OwnClient | LinkedClient> {
    const until = systemScheduler.now() + patienceMs[ends.resumes === null ? 'first' : 'afterLoss'];
    for (;;) {
      try {
        return await this.#own();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') throw erased(error);
        if (!isInUse(error)) throw error;
        const linked = await this.#linked(ends);
        if (linked !== null) return linked;
        if (ends.signal.aborted) throw closedError();
        if (systemScheduler.now() > until) throw error;
      }
      await pause();
    }
  }

  async #own(): Promise<OwnClient> {
    const early = await this.#unlocking();
    return locked(this.#profile.directory, async (lock) => {
      const holder = await this.listen();
      try {
        const client = await openLocked(this.#profile, this.#password, lock, { ...this.#options, early });
        const connection = new WantedConnection(client);
        holder?.serve(connection);
        return { kind: 'own', connection, holder };
      } catch (error) {
        holder?.stop();
        holder?.end();
        throw error;
      }
    });
  }

  /** Listens for guests. Without a socket, as on a read-only file system, this program has the profile for itself. */
  async listen(): Promise<Holder | null> {
    try {
      return await Holder.listen(profilePaths(this.#profile.directory).socket, () => this.key());
    } catch {
      return null;
    }
  }

  async #linked(ends: LinkEnds): Promise<LinkedClient | null> {
    const path = profilePaths(this.#profile.directory).socket;
    const key = await this.key();
    const link = await GuestLink.open({ ...ends, path, key, patienceMs: patienceMs.first, silenceMs });
    return link === null ? null : { kind: 'linked', link };
  }

  /** Returns the key of the proofs. The program that opens the profile may have written its key file anew: then it has another secret. */
  async key(): Promise<Uint8Array> {
    const unlock = await this.#unlocking();
    const path = profilePaths(this.#profile.directory).identity;
    return localKeyOf((await openIdentity(path, this.#password, unlock)).secret);
  }

  /** Begins to open the key file, unless it is open already. Null if it cannot be read: `openProfile` explains it. */
  async #unlocking(): Promise<EarlyUnlock | null> {
    const path = profilePaths(this.#profile.directory).identity;
    const pem = await readFile(path, 'utf8').catch(() => null);
    if (pem === null) return null;
    if (this.#unlock?.pem === pem && this.#unlock.password === this.#password) return this.#unlock;
    const unlocked = unlockWith(null, pem, this.#password);
    unlocked.catch(() => undefined);
    this.#unlock = { pem, password: this.#password, unlocked };
    return this.#unlock;
  }
}

/** Options of `openSharedProfile`. */
export interface OpenSharedProfileOptions extends OpenProfileOptions {
  /** Ends the opening, which may wait for another program. Default: none does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a profile as a client that is not connected yet, also while another program has it open: then as a guest of that program. Closing
 * the client ends the use by this program.
 *
 * @throws ClientError `wrong-password`, `profile-damaged`, `profile-outdated`, `profile-moved`; `profile-in-use` if another program has the
 *   profile and does not share it, or does not answer; `other-version` if it shares it in another way; `closed` once `signal` is aborted
 */
export function openSharedProfile(
  profile: ProfileSummary,
  password: string,
  { signal, ...options }: OpenSharedProfileOptions = {},
): Promise<SharedClient> {
  const opener = new ProfileOpener(profile, password, options);
  return SharedClient.open((ends) => opener.open(ends), signal);
}

/**
 * Enrols a user like `enrol`, with a client that other programs can use at once.
 *
 * @param signal once it is aborted, the client is closed if it is not handed out yet. Default: none
 * @throws as `enrol`; ClientError `closed` once the signal is aborted
 */
export async function enrolShared(enrolment: Enrolment, signal?: AbortSignal): Promise<SharedClient> {
  const { home, address, authority, user, password } = enrolment;
  const client = await enrol(enrolment);
  const { serverId } = authority;
  const directory = profileDirectory(home, user, serverId);
  const opener = new ProfileOpener({ user, ...address, serverId, pinned: serverId, directory }, password, {});
  const connection = new WantedConnection(client);
  const holder = await opener.listen();
  holder?.serve(connection);
  return SharedClient.open(async () => ({ kind: 'own', connection, holder }), signal);
}
