/** The attacks of the abuse benchmark: one row each. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { channelBinding, loginStatement, protocolVersion, serverName, toBase64url } from '@chat/protocol';
import { generateSigner, importPlainPrivateKey } from '@chat/signatures';

/** What an attacker knows: the ports, the CA, and the certificate and key of one registered user. */
export interface Target {
  readonly ports: { readonly enrolment: number; readonly chat: number };
  readonly ca: string;
  readonly caFingerprint: string;
  readonly user: string;
  readonly certificate: string;
  readonly tlsKey: string;
  /** PKCS#8 in PEM. */
  readonly identityKey: string;
}

/** Attacks until the process ends. */
type Attack = (target: Target) => void;

/** Keeps `count` connections busy: each is opened again a moment after it has ended. */
function keepOpen(count: number, open: (index: number) => Socket): void {
  for (let index = 0; index < count; index += 1) {
    const again = (): void => {
      open(index)
        .on('error', () => undefined)
        .once('close', () => setTimeout(again, 20));
    };
    again();
  }
}

/** The attackers' addresses on the loopback interface. */
const addressOf = (index: number): string => `127.0.0.${2 + (index % 8)}`;
const plain = (port: number, index: number): Socket =>
  connectPlain({ host: '127.0.0.1', port, localAddress: addressOf(index) });
const secure = ({ ca, certificate: cert, tlsKey: key }: Target, port: number, index: number): TLSSocket =>
  connect({ socket: plain(port, index), ca, cert, key, servername: serverName });

/** Logs in on a socket with this key, then calls `ready`. */
function login(target: Target, socket: TLSSocket, key: ReturnType<typeof generateSigner>, ready: () => void): void {
  socket.once('data', (chunk: Buffer) => {
    const { nonce } = JSON.parse(chunk.toString().split('\n')[0] ?? '{}') as { nonce?: string };
    if (nonce === undefined) return;
    const channel = socket.exportKeyingMaterial(channelBinding.bytes, channelBinding.label, Buffer.alloc(0));
    const place = { ca: target.caFingerprint, nonce, channel: toBase64url(channel) };
    const { domain, data } = loginStatement(place, target.user);
    const signature = toBase64url(key.sign(domain, data));
    socket.resume();
    socket.write(`${JSON.stringify({ id: 0, op: 'login', version: protocolVersion, user: target.user, signature })}\n`);
    ready();
  });
}

/** Floods the server with one request of a registered user. */
const flood =
  (op: string, fields: object): Attack =>
  (target) => {
    const key = importPlainPrivateKey(target.identityKey);
    keepOpen(8, (index) => {
      const socket = secure(target, target.ports.chat, index);
      login(target, socket, key, () => {
        const timer = setInterval(() => {
          for (let count = 0; count < 20; count += 1) socket.write(`${JSON.stringify({ id: 1, op, ...fields })}\n`);
        }, 10);
        socket.once('close', () => clearInterval(timer));
      });
      return socket;
    });
  };

/** The attacks by name. */
export const attacks: ReadonlyMap<string, Attack> = new Map<string, Attack>([
  [
    'silent TCP connections',
    ({ ports }) => {
      keepOpen(600, (index) => plain(index % 2 === 0 ? ports.chat : ports.enrolment, index >> 1));
    },
  ],
  [
    '2,000 half-open handshakes',
    ({ ports }) => {
      keepOpen(2_000, (index) => {
        const socket = plain(index % 2 === 0 ? ports.chat : ports.enrolment, index >> 1);
        // The head of a handshake record of 512 bytes, which do not come.
        socket.once('connect', () => socket.write(Buffer.from([0x16, 3, 1, 2, 0])));
        return socket;
      });
    },
  ],
  [
    'records of one byte',
    (target) => {
      keepOpen(32, (index) => {
        const socket = secure(target, target.ports.enrolment, index).resume() as TLSSocket;
        const next = (): void => void socket.write('x', (error) => (error ? undefined : next()));
        socket.once('secureConnect', next);
        return socket;
      });
    },
  ],
  [
    'logins with a wrong key',
    (target) => {
      const wrong = generateSigner();
      keepOpen(16, (index) => {
        const socket = secure(target, target.ports.chat, index);
        login(target, socket, wrong, () => undefined);
        return socket;
      });
    },
  ],
  ['a flood of ping', flood('ping', {})],
  ['a flood of list-rooms', flood('list-rooms', {})],
  ['a flood of find-room', flood('find-room', { name: 'lobby' })],
  ['a flood of get-prekeys', flood('get-prekeys', { users: Array.from({ length: 80 }, (_, at) => `user-${at}`) })],
]);
