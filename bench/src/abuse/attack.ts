/** What an attack is, and what it may use. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectProfile, listProfiles, type ProfileSummary } from '@chat/client/node';
import type { UserName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { type Signer, unlockSigner } from '@chat/signatures';

/** The server under attack, and the profiles of the users who attack it. */
export interface Target {
  readonly ports: { readonly enrolment: number; readonly chat: number };
  /** Number of this attack. Each attack comes from addresses of its own, because the server remembers what others have done. */
  readonly network: number;
  /** Certificate of the server's CA in PEM, and its fingerprint. */
  readonly ca: string;
  readonly caFingerprint: string;
  /** The directory of the attackers' profiles. */
  readonly home: string;
  readonly password: string;
  /** The users of this attack. Each is a member of `lobby` and the owner of a room with the user's name. */
  readonly users: readonly UserName[];
  /** Id of a room that needs an invitation, and whose members are the well-behaved clients. */
  readonly door: string;
  /** A registered user who is in no room, and the identity key in base64url. */
  readonly outsider: { readonly user: UserName; readonly key: string };
}

/** A registered user who attacks. */
export interface Attacker {
  readonly user: UserName;
  readonly signer: Signer;
  /** In PEM. */
  readonly certificate: string;
  readonly tlsKey: string;
  /** The room where the well-behaved clients speak. */
  readonly lobby: RoomState;
  /** The attacker's own room. */
  readonly den: RoomState;
}

/** Attacks until the process ends. Calls `count` for each connection or request. */
export type Attack = (target: Target, count: () => void) => void | Promise<void>;

/** Opens the identity key of a profile. */
export const signerOf = async ({ directory }: ProfileSummary, password: string): Promise<Signer> =>
  unlockSigner(await readFile(join(directory, 'identity.pem'), 'utf8'), password);

/** Opens the profiles of the attacking users. */
export async function attackersOf({ home, password, users }: Target): Promise<Attacker[]> {
  const profiles = (await listProfiles(home)).filter(({ user }) => users.includes(user));
  return Promise.all(
    profiles.map(async (profile): Promise<Attacker> => {
      const { certified, rooms } = await inspectProfile(profile, password);
      const signer = await signerOf(profile, password);
      const room = (name: string): RoomState => {
        const found = Object.values(rooms).find((each) => each.name === name);
        if (found === undefined) throw new Error(`${profile.user} is not in ${name}`);
        return found.state;
      };
      if (certified === null) throw new Error(`${profile.user} has no certificate`);
      const { certificate, privateKey: tlsKey } = certified.tls;
      return { user: profile.user, signer, certificate, tlsKey, lobby: room('lobby'), den: room(profile.user) };
    }),
  );
}
