/**
 * X-Wing (draft-connolly-cfrg-xwing-kem-10): X25519 and ML-KEM-768, whose two secrets are hashed to one. The private key is the
 * seed of 32 bytes; a public key and an encapsulation are those of ML-KEM, followed by those of X25519.
 *
 * The draft requires the check of ML-KEM's public key (FIPS 203, section 7.2), and none of X25519's. Points of low order are
 * refused here too, on both sides, because they take X25519's part away.
 */
import { type Backend, mlKemBytes } from '../backend/backend.ts';
import { concat } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { draw, secureRandom } from '../random.ts';
import type { Decapsulator, Kem } from './kem.ts';

/** The draft's XWingLabel, `\./` and `/^\`. */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const scalarBytes = 32;

/** The two secrets, and X25519's ephemeral and static public keys. */
interface Parts {
  readonly ofMlKem: Uint8Array;
  readonly ofX25519: Uint8Array;
  readonly ephemeralKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Returns X-Wing. */
export function xWing(backend: Backend): Kem {
  const { mlKem, agreements } = backend;
  const { X25519 } = agreements;

  function derive(privateKey: Uint8Array): Decapsulator {
    // Not wiped, because the portable backend imports no key: it uses these bytes.
    const expanded = backend.shake256(privateKey, mlKemBytes.seed + scalarBytes);
    const pair = mlKem.derive(expanded.subarray(0, mlKemBytes.seed));
    const { publicKey, agree } = X25519.derive(expanded.subarray(mlKemBytes.seed));
    return {
      publicKey: concat([pair.publicKey, publicKey]),
      decapsulate(encapsulation) {
        const [ciphertext, ephemeralKey] = halves(encapsulation, mlKemBytes.ciphertext);
        const ofX25519 = agree(ephemeralKey);
        return combine(backend, { ofMlKem: pair.decapsulate(ciphertext), ofX25519, ephemeralKey, publicKey });
      },
    };
  }

  return {
    derive,
    load: derive,
    check(publicKey) {
      const [ofMlKem, ofX25519] = halves(publicKey, mlKemBytes.publicKey);
      requireReduced(ofMlKem);
      X25519.check(ofX25519);
    },
    encapsulate(key, { random, owner }) {
      const [keyOfMlKem, publicKey] = halves(key, mlKemBytes.publicKey);
      // The draft's eseed. With the platform's generator, the backend draws both parts itself, which is faster.
      const seed = random === secureRandom ? null : draw(random, mlKemBytes.message + scalarBytes);
      const message = seed?.subarray(0, mlKemBytes.message) ?? null;

      const ephemeral = seed === null ? X25519.generate() : X25519.derive(seed.subarray(-scalarBytes));
      const { publicKey: ephemeralKey } = ephemeral;
      const ofX25519 = ephemeral.agree(publicKey, owner);
      const { ciphertext, sharedSecret } = mlKem.encapsulate(keyOfMlKem, { message, owner });
      seed?.fill(0);
      return {
        encapsulation: concat([ciphertext, ephemeralKey]),
        sharedSecret: combine(backend, { ofMlKem: sharedSecret, ofX25519, ephemeralKey, publicKey }),
      };
    },
  };
}

/** The draft's Combiner. Wipes both secrets. */
function combine(backend: Backend, { ofMlKem, ofX25519, ephemeralKey, publicKey }: Parts): Uint8Array {
  const joined = concat([ofMlKem, ofX25519, ephemeralKey, publicKey, label]);
  const sharedSecret = backend.sha3(joined);
  for (const secret of [ofMlKem, ofX25519, joined]) secret.fill(0);
  return sharedSecret;
}

function halves(bytes: Uint8Array, first: number): [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, first), bytes.subarray(first)];
}

/** ML-KEM's q (FIPS 203, section 2.4). */
const modulus = 3329;
const coefficientsBytes = 1152;

/**
 * The modulus check of FIPS 203, section 7.2: each coefficient of 12 bits is below q. Both backends do it when they encapsulate;
 * this one takes a hundredth of that time.
 *
 * @throws HubError `invalid-public-key`
 */
function requireReduced(publicKey: Uint8Array): void {
  for (let at = 0; at < coefficientsBytes; at += 3) {
    const three = (publicKey[at] ?? 0) | ((publicKey[at + 1] ?? 0) << 8) | ((publicKey[at + 2] ?? 0) << 16);
    if ((three & 0xfff) >= modulus || three >> 12 >= modulus) {
      throw new HubError('invalid-public-key', 'this X-Wing key is not reduced: it is damaged, or not an X-Wing key');
    }
  }
}
