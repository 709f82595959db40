/** What a server keeps of one user's backup, in memory. */
import { ProtocolError, type RequestOf, toHex } from '@chat/protocol';
import type { RecoveryRequest } from '../../src/recovery/backup-upload.ts';

/** Counts what it is sent. */
export class Shelf {
  readonly chunks = new Map<string, Uint8Array>();
  readonly sent: string[] = [];
  readonly order: string[] = [];
  /** The chunks that were there when the head was replaced. */
  atHead = new Set<string>();
  refusals = 0;
  /** The bytes that it keeps. */
  quota = Number.POSITIVE_INFINITY;

  readonly request: RecoveryRequest = async (operation, fields) => {
    this.order.push(operation);
    const answers: Record<string, () => unknown> = {
      'list-recovery-chunks': () => ({ names: Buffer.from([...this.chunks.keys()].join(''), 'hex'), more: false }),
      'put-recovery-chunk': () => {
        if (this.refusals-- > 0) throw new ProtocolError('rate-limited', 'too fast');
        const { name, chunk } = fields as RequestOf<'put-recovery-chunk'>;
        const kept = [...this.chunks.values()].reduce((sum, { length }) => sum + length, 0);
        if (kept + chunk.length > this.quota) throw new ProtocolError('recovery-full', 'too much');
        this.sent.push(toHex(name));
        this.chunks.set(toHex(name), chunk);
      },
      'put-recovery-manifest': () => {
        this.atHead = new Set(this.chunks.keys());
      },
      'drop-recovery-chunks': () => {
        const { names } = fields as RequestOf<'drop-recovery-chunks'>;
        for (let at = 0; at < names.length; at += 32) this.chunks.delete(toHex(names.subarray(at, at + 32)));
      },
    };
    return (answers[operation]?.() ?? {}) as never;
  };
}
