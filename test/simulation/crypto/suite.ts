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

/** The clock does not wait for the thread pool: on a busy machine time would pass while a machine still has work to do. */
function verifierAtOnce(publicKey: Uint8Array): Verifier {
  const verifier = importVerifier(publicKey);
  return { ...verifier, verifyAsync: async (...signed) => verifier.verify(...signed) };
}

/**
 * P-384, HKDF, Fernet. Signature keys come from the system, so a run differs from the one before: in bytes, and in what depends on their order,
 * such as which of two direct rooms stays. A fault may not come again with the same seed.
 */
export const realSuite = (random: SeededRandom): Suite => ({
  newSigner: generateSigner,
  newRoomCrypto() {
    const crypto = createRoomCrypto((count) => random.bytes(count));
    const verifyAsync: RoomCrypto['verifyAsync'] = async ({ publicKey, domain, data, signature, lowS }) =>
      (lowS ? crypto.verify : crypto.verifyEitherS)(publicKey, domain, data, signature);
    return { ...crypto, verifyAsync };
  },
  verifier: verifierAtOnce,
  hasRealKeys: true,
});
