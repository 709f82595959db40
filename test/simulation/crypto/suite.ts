/** The cryptography of one run: the project's own, or a stand-in that is fast. */
import { createRoomCrypto, type RoomCrypto, type Signer } from '@chat/room';
import { generateSigner, importVerifier, type Verifier } from '@chat/signatures';
import type { SeededRandom } from '../simulated/seeded-random.ts';

export interface Suite {
  newSigner(): Signer;
  /** One for each client. */
  newRoomCrypto(): RoomCrypto;
  verifier(publicKey: Uint8Array): Verifier;
}

/** P-384, HKDF, Fernet. Keys of signatures are the system's, so bytes differ from run to run; what happens does not. */
export const realSuite = (random: SeededRandom): Suite => ({
  newSigner: generateSigner,
  newRoomCrypto: () => createRoomCrypto((count) => random.bytes(count)),
  verifier: importVerifier,
});
