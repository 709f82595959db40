/** ML-KEM-768, SHA3-256 and SHAKE256 on `@noble/*`. */
import { shake256 as nobleShake256, sha3_256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { type Backend, type MlKem, withPublicKey } from './backend.ts';

/** ML-KEM-768 for all runtimes. */
export const mlKem: MlKem = {
  derive(seed) {
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    return { publicKey, decapsulate: (ciphertext) => new Uint8Array(ml_kem768.decapsulate(ciphertext, secretKey)) };
  },

  encapsulate(publicKey, { message }) {
    const { cipherText, sharedSecret } = withPublicKey(() => ml_kem768.encapsulate(publicKey, message ?? undefined));
    return { ciphertext: cipherText, sharedSecret: new Uint8Array(sharedSecret) };
  },
};

/** SHA3-256 for all runtimes. */
export const sha3: Backend['sha3'] = (data) => sha3_256(data);

/** SHAKE256 for all runtimes. */
export const shake256: Backend['shake256'] = (data, length) => nobleShake256(data, { dkLen: length });
