/** The files of a fake client: records what is sent and saved. */
import type { TransferView } from '@chat/client';
import { ClientError } from '@chat/client';
import type { Client } from '../../src/client-surface.ts';

/** Returns a transfer of a PDF that has begun. */
const transferOf = (changes: Partial<TransferView> = {}): TransferView => ({
  ...{ id: 1, direction: 'send', roomName: 'lobby', name: 'report.pdf', size: 1_200_000, state: 'waiting' },
  ...{ moved: 0, total: 1_300_000, bytesPerSecond: null, leftMs: null, path: null, seq: null, why: null },
  ...changes,
});

export class FakeFiles {
  /** What was asked for, in words. */
  readonly calls: string[] = [];
  transfers: TransferView[] = [];
  /** Called after a transfer has begun. */
  begun: (transfer: TransferView) => void = () => undefined;

  readonly send: Client['files']['send'] = async (roomName, path, { text = '' } = {}) => {
    this.calls.push(`send ${roomName} ${path} ${text}`.trim());
    return this.#begin({ direction: 'send', roomName, name: path.split('/').at(-1) ?? '' });
  };

  readonly save: Client['files']['save'] = async (roomName, seq, path) => {
    if (seq > 99) throw new ClientError('no-file-sent', `Message ${seq} sends no file.`);
    this.calls.push(`save ${roomName} ${seq} ${path}`);
    return this.#begin({ direction: 'save', roomName });
  };

  readonly cancel: Client['files']['cancel'] = async (id) => {
    if (this.transfers.every((each) => each.id !== id))
      throw new ClientError('no-transfer', `There is no transfer ${id}.`);
    this.calls.push(`cancel ${id}`);
  };

  readonly list: Client['files']['list'] = async () => this.transfers;

  #begin(changes: Partial<TransferView>): TransferView {
    const transfer = transferOf({ id: this.transfers.length + 1, ...changes });
    this.transfers.push(transfer);
    queueMicrotask(() => this.begun(transfer));
    return transfer;
  }
}
