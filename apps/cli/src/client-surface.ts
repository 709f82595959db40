/** The parts of the client library that this program uses, so that tests can replace them. */
import type { ChatClient, ClientAttention, ClientFiles, ClientMessages } from '@chat/client';
import type {
  changeProfilePassword,
  checkPhrase,
  enrol,
  eraseProfile,
  exportProfile,
  fetchAuthority,
  importProfile,
  inspectProfile,
  listProfiles,
  moveProfile,
  newPhrase,
  openProfile,
  recoverProfile,
  renewIdentity,
  startRecovery,
  takeBack,
} from '@chat/client/node';

/** A method that answers at once, or later with a promise. */
type NowOrLater<F extends (...args: never[]) => unknown> = (
  ...args: Parameters<F>
) => ReturnType<F> | Promise<ReturnType<F>>;

/** The members of `ChatClient` that this program uses. A client that another program has open answers later than at once. */
export type Client = {
  readonly messages: Pick<
    ClientMessages,
    'page' | 'around' | 'search' | 'edit' | 'delete' | 'react' | 'hide' | 'areDamaged' | 'settled'
  > & {
    readonly [M in 'retention' | 'hasOwnRetention' | 'setRetention']: NowOrLater<ClientMessages[M]>;
  };
  readonly attention: Pick<ClientAttention, 'settings' | 'markRead' | 'setNotify' | 'change'>;
  readonly files: Pick<ClientFiles, 'send' | 'save' | 'cancel' | 'list'>;
  readonly recovery: Pick<ChatClient['recovery'], 'backUp' | 'end'> & {
    readonly state: NowOrLater<ChatClient['recovery']['state']>;
  };
  readonly logFingerprint: NowOrLater<ChatClient['logFingerprint']>;
} & Pick<
  ChatClient,
  | 'user'
  | 'fingerprint'
  | 'online'
  | 'subscribe'
  | 'connect'
  | 'keepConnecting'
  | 'refusal'
  | 'rooms'
  | 'room'
  | 'listRooms'
  | 'createRoom'
  | 'joinRoom'
  | 'knock'
  | 'invitations'
  | 'decline'
  | 'knocks'
  | 'dismissKnock'
  | 'invite'
  | 'openDirect'
  | 'leaveRoom'
  | 'removeMember'
  | 'giveRole'
  | 'send'
  | 'changedIdentities'
  | 'lookAlike'
  | 'trust'
  | 'safetyNumber'
  | 'verify'
  | 'isRenewingKey'
  | 'begunRenewal'
  | 'close'
>;

type Returning<F extends (...args: never[]) => Promise<unknown>> = (...args: Parameters<F>) => Promise<Client>;

/** Access to the profiles on this machine, and enrolment of new ones. */
export interface Profiles {
  readonly fetchAuthority: typeof fetchAuthority;
  readonly listProfiles: typeof listProfiles;
  readonly moveProfile: typeof moveProfile;
  readonly enrol: Returning<typeof enrol>;
  readonly openProfile: Returning<typeof openProfile>;
  readonly renewIdentity: Returning<typeof renewIdentity>;
  readonly changeProfilePassword: typeof changeProfilePassword;
  readonly eraseProfile: typeof eraseProfile;
  readonly exportProfile: typeof exportProfile;
  readonly importProfile: typeof importProfile;
  readonly inspectProfile: typeof inspectProfile;
  readonly takeBack: typeof takeBack;
  readonly newPhrase: typeof newPhrase;
  readonly checkPhrase: typeof checkPhrase;
  readonly startRecovery: typeof startRecovery;
  readonly recoverProfile: typeof recoverProfile;
}

/** A profile on this machine. */
export type Profile = Awaited<ReturnType<typeof listProfiles>>[number];
/** The host and port of a server's enrolment service. */
export type Address = Parameters<typeof fetchAuthority>[0];
/** The certificate authority of a server. */
export type Authority = Awaited<ReturnType<typeof fetchAuthority>>;

/** Returns `host:port`, with an IPv6 address in brackets. */
export const addressText = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Returns `alice@host:port`. */
export const profileText = (profile: Profile): string => `${profile.user}@${addressText(profile)}`;
