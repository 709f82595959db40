/** The cryptography of one run: the project's own, or a fast substitute. */
import { createRoomCrypto, type RoomCrypto, type Signer } from '@chat/room';
import { generateSigner, importVerifier, type Verifier } from '@chat/signatures';
import type { SeededRandom } from '../simulated/seeded-random.ts';

export interface Suite {
  newSigner(): Signer;
  /** Creates the cryptography of one client. */
  newRoomCrypto(): RoomCrypto;
  verifier(publicKey: Uint8Array): Verifier;
  /** False if the server cannot read public keys, so that it takes no entries back. */
  readonly hasRealKeys: boolean;
}

/** P-384, HKDF, Fernet. Signature keys come from the system, so bytes differ from run to run and events do not. */
export const realSuite = (random: SeededRandom): Suite => ({
  newSigner: generateSigner,
  newRoomCrypto: () => createRoomCrypto((count) => random.bytes(count)),
  verifier: importVerifier,
  hasRealKeys: true,
});
