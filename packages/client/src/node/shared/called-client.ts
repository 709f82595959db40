/** The methods of a client that are calls: the program that carries them out answers later. */
import { randomBytes } from 'node:crypto';
import {
  type Fingerprint,
  limits,
  type Policy,
  type Role,
  type RoomName,
  type RoomSummary,
  type UserName,
} from '@chat/protocol';
import { RoomError } from '@chat/room';
import type { InvitationView, KnockView, LogFingerprint, RoomView, SafetyNumber } from '../../view.ts';
import type { ArgumentsOf, LocalMethodName, ValueOf } from './local-methods.ts';
import { SharedMessages } from './shared-messages.ts';

const messageTooLong = (): RoomError =>
  new RoomError('message-too-long', `A message holds at most ${limits.messageTextBytes} bytes of text.`);

/** The methods of `ChatClient` that answer later. They do, and throw, what those do. */
export abstract class CalledClient {
  /** The messages that were read. */
  readonly messages = new SharedMessages(
    (method, args) => this.call(method, args),
    () => this.areMessagesDamaged,
  );

  /** `ClientMessages.areDamaged`, as it is known here. */
  protected abstract get areMessagesDamaged(): boolean;

  /** Calls a method. */
  protected abstract call<M extends LocalMethodName>(method: M, args: ArgumentsOf<M>): Promise<ValueOf<M>>;

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
  send(roomName: RoomName, text: string): Promise<{ readonly seq: number }> {
    // What has more characters than a message has bytes may be too long for a call, too.
    if (text.length > limits.messageTextBytes) return Promise.reject(messageTooLong());
    return this.call('send', [roomName, text, { cid: randomBytes(16).toString('hex') }]);
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
