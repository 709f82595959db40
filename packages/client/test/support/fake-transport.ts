/** A transport to a `FakeServer` with the log of a `FakeRoom`: enough for a whole client to log in and to catch up. */
import { setImmediate as nextImmediate } from 'node:timers/promises';
import {
  type ChatOperation,
  encodeFrame,
  FrameDecoder,
  ProtocolError,
  protocolVersion,
  type RequestOf,
} from '@chat/protocol';
import type { Link, Transport } from '../../src/index.ts';
import type { FakeMember, FakeRoom } from './fake-room.ts';
import { authority } from './isolated-client.ts';

/** About 16 KiB, as much as one TLS record. */
const framesPerChunk = 16;

type Frame = Record<string, unknown>;

export function fakeTransport(fakeRoom: FakeRoom, owner: FakeMember): Transport {
  const { server, log } = fakeRoom;
  const { user, fingerprint, key } = owner.identity;

  function openLink(): Link {
    let receive: (chunk: Uint8Array) => void = () => {};
    const hand = async (frames: readonly Frame[]) => {
      for (let from = 0; from < frames.length; from += framesPerChunk) {
        await nextImmediate();
        receive(Buffer.concat(frames.slice(from, from + framesPerChunk).map(encodeFrame)));
      }
    };
    const answer = async (op: string, fields: Frame): Promise<readonly Frame[]> => {
      if (op === 'login') return [{ user, fingerprint, certificateExpiresAt: 0 }];
      if (op !== 'subscribe')
        return [await server.request(op as ChatOperation, fields as never, { user, key, fingerprint })];
      const { room, after } = fields as RequestOf<'subscribe'>;
      const entries = log.map((entry, index) => ({ push: 'entry', room, seq: index + 1, at: 0, entry })).slice(after);
      const caughtUp = { push: 'caught-up', room, head: log.length };
      return [{ head: log.length, online: fakeRoom.members.map((member) => member.user) }, ...entries, caughtUp];
    };
    return {
      channel: 'AAAA',
      serverId: authority.serverId,
      send(bytes) {
        for (const { id, op, ...fields } of new FrameDecoder().push(bytes)) {
          answer(String(op), fields)
            .then(([ok, ...pushes]) => hand([{ re: id, ok }, ...pushes]))
            .catch((error: unknown) => {
              if (!(error instanceof ProtocolError)) throw error;
              return hand([{ re: id, error: { code: error.code, message: error.message } }]);
            });
        }
      },
      receive(data) {
        receive = data;
        void hand([{ push: 'hello', version: protocolVersion, service: 'chat', nonce: 'AAAA', time: 0 }]);
      },
      close() {},
    };
  }

  const unused = () => {
    throw new Error('a fake server enrols no user');
  };
  return {
    openEnrolment: unused,
    newRequest: unused,
    renewalTime: () => Number.POSITIVE_INFINITY,
    openChat: async () => openLink(),
  };
}
