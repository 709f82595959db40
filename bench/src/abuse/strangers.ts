/** Attacks without a login. */
import { generateSigner } from '@chat/signatures';
import { type Attack, attackersOf, type Target } from './attack.ts';
import { keepOpen, login, openPlain, openSecure } from './raw-connection.ts';

/** Half of the connections go to each port. */
const portOf = ({ ports }: Target, index: number): number => (index % 2 === 0 ? ports.chat : ports.enrolment);

/** The attacks by name. */
export const strangers: readonly (readonly [string, Attack])[] = [
  [
    'silent TCP connections',
    (target, count) => {
      keepOpen(600, (index) => {
        count();
        return openPlain(target, portOf(target, index), index >> 1);
      });
    },
  ],
  [
    '2,000 half-open handshakes',
    (target, count) => {
      keepOpen(2_000, (index) => {
        const socket = openPlain(target, portOf(target, index), index >> 1);
        // The head of a handshake record of 512 bytes, which do not come.
        socket.once('connect', () => socket.write(Buffer.from([0x16, 3, 1, 2, 0])));
        count();
        return socket;
      });
    },
  ],
  [
    'records of one byte',
    (target, count) => {
      keepOpen(32, (index) => {
        const socket = openSecure(target, target.ports.enrolment, index);
        const next = (): void =>
          void socket.write('x', (error) => {
            count();
            if (!error) next();
          });
        socket.resume().once('secureConnect', next);
        return socket;
      });
    },
  ],
  [
    'logins with a wrong key',
    async (target, count) => {
      const [attacker] = await attackersOf(target);
      if (attacker === undefined) return;
      const key = generateSigner();
      keepOpen(16, (index) => {
        const socket = openSecure(target, target.ports.chat, index, attacker);
        login({ target, attacker, socket, key, ready: count });
        return socket;
      });
    },
  ],
];
