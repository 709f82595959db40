/**
 * DHKEM (RFC 9180, section 4.1): DHKEM(P-384, HKDF-SHA384), DHKEM(P-256, HKDF-SHA256) and DHKEM(X25519, HKDF-SHA256). An
 * encapsulation is an ephemeral public key, and the secret is bound to it and to the recipient's.
 */
import type { Backend, Party } from '../backend/backend.ts';
import { concat } from '../encoding/bytes.ts';
import { drawPrivateKey } from '../keys/private-key.ts';
import type { CurveParameters, CurveSuite } from '../suite.ts';
import type { Decapsulator, Kem } from './kem.ts';

/** The registered numbers (RFC 9180, section 7.1) and hash functions. */
const mechanisms = {
  'P-256': { id: 0x0010, hash: 'sha256' },
  'P-384': { id: 0x0011, hash: 'sha384' },
  X25519: { id: 0x0020, hash: 'sha256' },
} as const satisfies Readonly<Record<CurveSuite, { readonly id: number; readonly hash: 'sha256' | 'sha384' }>>;

/** The public values to which a secret is bound, and the result of the agreement. */
interface Agreed {
  readonly secret: Uint8Array;
  readonly encapsulation: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Returns DHKEM on the curve of a suite. */
export function dhkem(backend: Backend, suite: CurveParameters): Kem {
  const agreement = backend.agreements[suite.name];
  const decapsulator = ({ publicKey, agree }: Party): Decapsulator => ({
    publicKey,
    decapsulate: (encapsulation) =>
      extractAndExpand(backend, suite, { secret: agree(encapsulation), encapsulation, publicKey }),
  });
  return {
    derive: (privateKey) => decapsulator(agreement.derive(privateKey)),
    load: (privateKey, publicKey) => decapsulator(agreement.load(privateKey, publicKey)),
    check: (publicKey) => agreement.check(publicKey),
    encapsulate(publicKey, { random, owner }) {
      const ephemeral = drawPrivateKey(suite, random);
      const { publicKey: encapsulation, agree } = agreement.derive(ephemeral);
      const secret = agree(publicKey, owner);
      ephemeral.fill(0);
      return { encapsulation, sharedSecret: extractAndExpand(backend, suite, { secret, encapsulation, publicKey }) };
    },
  };
}

/** `ExtractAndExpand`: LabeledExtract and LabeledExpand together are one HKDF. Wipes the agreement's secret. */
function extractAndExpand(
  backend: Backend,
  { name, sharedSecretBytes: length }: CurveParameters,
  { secret, encapsulation, publicKey }: Agreed,
): Uint8Array {
  const { id, hash } = mechanisms[name];
  const text = new TextEncoder();
  const version = text.encode('HPKE-v1');
  const suiteId = concat([text.encode('KEM'), Uint8Array.of(id >> 8, id & 0xff)]);
  const labelled = concat([version, suiteId, text.encode('eae_prk'), secret]);
  const info = concat([
    Uint8Array.of(length >> 8, length & 0xff),
    ...[version, suiteId, text.encode('shared_secret'), encapsulation, publicKey],
  ]);
  const sharedSecret = backend.hkdf(labelled, { salt: new Uint8Array(), info, length, hash });
  secret.fill(0);
  labelled.fill(0);
  return sharedSecret;
}
