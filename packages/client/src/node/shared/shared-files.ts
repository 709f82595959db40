/** The files of the client of a shared profile. */
import type { RoomName } from '@chat/protocol';
import type { SendFileOptions } from '../../files/client-files.ts';
import type { TransferView } from '../../view.ts';
import type { CallMethod } from './local-methods.ts';
import { isTooLong, messageTooLong, newMessage } from './new-message.ts';

/** The methods of `ClientFiles`. They do, and throw, what those do. */
export class SharedFiles {
  readonly #call: CallMethod;

  constructor(call: CallMethod) {
    this.#call = call;
  }

  /** As `ClientFiles.send`. It is one message, whatever becomes of the programs that pass it on. */
  send(roomName: RoomName, path: string, { text }: Pick<SendFileOptions, 'text'> = {}): Promise<TransferView> {
    if (text !== undefined && isTooLong(text)) return Promise.reject(messageTooLong());
    return this.#call('files.send', [roomName, path, { ...newMessage(), text }]);
  }

  save(roomName: RoomName, seq: number, path: string): Promise<TransferView> {
    return this.#call('files.save', [roomName, seq, path]);
  }

  cancel(id: number): Promise<void> {
    return this.#call('files.cancel', [id]);
  }

  list(): Promise<readonly TransferView[]> {
    return this.#call('files.list', []);
  }
}
