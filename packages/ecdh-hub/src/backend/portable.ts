/** The backend on `@noble/*`, for browsers and all other runtimes. Its results equal those of `native.ts`; it is slower. */
import { gcm } from '@noble/ciphers/aes.js';
import type { ECDH } from '@noble/curves/abstract/weierstrass.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { type Agreement, type Backend, type GeneratingAgreement, withPublicKey } from './backend.ts';
import { refuseLowOrder } from './low-order.ts';
import { mlKem, sha3, shake256 } from './portable-post-quantum.ts';

/** The backend for all runtimes. */
export const backend: Backend = {
  agreements: {
    'P-384': weierstrass(p384),
    'P-256': weierstrass(p256),
    X25519: montgomery(),
  },

  mlKem,

  sha256: (data) => sha256(data),

  sha3,

  shake256,

  hkdf: (secret, { salt, info, length, hash }) => hkdf(hash === 'sha384' ? sha384 : sha256, secret, salt, info, length),

  seal: ({ key, iv, associatedData }, plaintext) => gcm(key, iv, associatedData).encrypt(plaintext),

  open({ key, iv, associatedData }, sealed) {
    try {
      return gcm(key, iv, associatedData).decrypt(sealed);
    } catch {
      return null;
    }
  },
};

function weierstrass(curve: ECDH): Agreement {
  const check: Agreement['check'] = (publicKey) =>
    withPublicKey(() => curve.Point.fromBytes(publicKey).assertValidity());
  const load: Agreement['load'] = (privateKey, publicKey) => {
    check(publicKey);
    return {
      publicKey,
      agree(peer) {
        const compressed = withPublicKey(() => curve.getSharedSecret(privateKey, peer, true));
        const secret = compressed.slice(1);
        compressed.fill(0);
        return secret;
      },
    };
  };
  return { derive: (privateKey) => load(privateKey, curve.getPublicKey(privateKey, false)), load, check };
}

/** `getSharedSecret` itself refuses the points that make the secret all zero (RFC 7748, section 6.1). */
function montgomery(): GeneratingAgreement {
  const load: Agreement['load'] = (privateKey, publicKey) => ({
    publicKey,
    agree: (peer) => withPublicKey(() => x25519.getSharedSecret(privateKey, peer)),
  });
  const derive: Agreement['derive'] = (privateKey) => load(privateKey, x25519.getPublicKey(privateKey));
  return { derive, load, generate: () => derive(x25519.utils.randomSecretKey()), check: refuseLowOrder };
}
