/** The methods of a client that are calls: the program that carries them out answers later. */
import type { Fingerprint, Policy, Role, RoomName, RoomSummary, UserName } from '@chat/protocol';
import type { AttentionSettings } from '../../attention/settings.ts';
import type { TextOptions } from '../../messages/saying.ts';
import type { RecoveryState } from '../../recovery/client-recovery.ts';
import type { InvitationView, KnockView, LogFingerprint, RoomView, SafetyNumber } from '../../view.ts';
import type { ArgumentsOf, LocalMethodName, ValueOf } from './local-methods.ts';
import { isTooLong, messageTooLong, newMessage } from './new-message.ts';
import { SharedAttention } from './shared-attention.ts';
import { SharedFiles } from './shared-files.ts';
import { SharedMessages } from './shared-messages.ts';

/** The methods of `ChatClient` that answer later. They do, and throw, what those do. */
export abstract class CalledClient {
  /** The messages that were read. */
  readonly messages = new SharedMessages(
    (method, args) => this.call(method, args),
    () => this.areMessagesDamaged,
  );

  /** What the user has read, and what notifies. */
  readonly attention = new SharedAttention(
    (method, args) => this.call(method, args),
    () => this.attentionSettings,
  );

  /** `ClientAttention.settings`, as they are known here. */
  protected abstract get attentionSettings(): AttentionSettings;

  /** The files of messages, as they are sent and saved. */
  readonly files = new SharedFiles((method, args) => this.call(method, args));

  /** `ClientMessages.areDamaged`, as it is known here. */
  protected abstract get areMessagesDamaged(): boolean;

  /** Calls a method. */
  protected abstract call<M extends LocalMethodName>(method: M, args: ArgumentsOf<M>): Promise<ValueOf<M>>;

  /** The recovery phrase, and the backups that it opens. */
  readonly recovery = {
    state: (): Promise<RecoveryState | null> => this.call('recovery.state', []),
    backUp: (): Promise<RecoveryState> => this.call('recovery.backUp', []),
    end: (): Promise<void> => this.call('recovery.end', []),
  };

  listRooms(): Promise<readonly RoomSummary[]> {
    return this.call('listRooms', []);
  }

  createRoom(roomName: RoomName, policy?: Policy): Promise<RoomView> {
    return this.call('createRoom', policy === undefined ? [roomName] : [roomName, policy]);
  }

  joinRoom(roomName: RoomName): Promise<RoomView> {
    return this.call('joinRoom', [roomName]);
  }

  knock(roomName: RoomName): Promise<void> {
    return this.call('knock', [roomName]);
  }

  decline(roomName: RoomName): Promise<void> {
    return this.call('decline', [roomName]);
  }

  invitations(): Promise<readonly InvitationView[]> {
    return this.call('invitations', []);
  }

  knocks(roomName: RoomName): Promise<readonly KnockView[]> {
    return this.call('knocks', [roomName]);
  }

  dismissKnock(roomName: RoomName, user: UserName): Promise<void> {
    return this.call('dismissKnock', [roomName, user]);
  }

  invite(roomName: RoomName, user: UserName, expected: { readonly fingerprint?: Fingerprint } = {}): Promise<void> {
    return this.call('invite', [roomName, user, expected]);
  }

  openDirect(user: UserName): Promise<RoomView> {
    return this.call('openDirect', [user]);
  }

  leaveRoom(roomName: RoomName): Promise<void> {
    return this.call('leaveRoom', [roomName]);
  }

  removeMember(roomName: RoomName, user: UserName): Promise<void> {
    return this.call('removeMember', [roomName, user]);
  }

  giveRole(roomName: RoomName, user: UserName, role: Role): Promise<void> {
    return this.call('giveRole', [roomName, user, role]);
  }

  /** Sends a message like `ChatClient.send`. It is one message, whatever becomes of the programs that pass it on. */
  send(roomName: RoomName, text: string, { replyTo, action }: TextOptions = {}): Promise<{ readonly seq: number }> {
    if (isTooLong(text)) return Promise.reject(messageTooLong());
    return this.call('send', [roomName, text, { ...newMessage(), replyTo, action }]);
  }

  trust(user: UserName, fingerprint: Fingerprint): Promise<void> {
    return this.call('trust', [user, fingerprint]);
  }

  safetyNumber(user: UserName): Promise<SafetyNumber> {
    return this.call('safetyNumber', [user]);
  }

  verify(user: UserName, fingerprint: Fingerprint): Promise<void> {
    return this.call('verify', [user, fingerprint]);
  }

  logFingerprint(roomName: RoomName, seq?: number): Promise<LogFingerprint> {
    return this.call('logFingerprint', seq === undefined ? [roomName] : [roomName, seq]);
  }
}
