/** The backend on `node:crypto`. Constant DER headers turn raw keys into SEC 1 (RFC 5915), PKCS #8 and SPKI structures. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { type Agreement, type Backend, type GeneratingAgreement, type Party, withPublicKey } from './backend.ts';
import { refuseLowOrder } from './low-order.ts';
import { mlKem, sha3, shake256 } from './native-post-quantum.ts';

const tagBytes = 16;

/** The first byte of an uncompressed point (SEC 1, section 2.3.3). */
const uncompressedTag = 4;

/** The backend for Node.js. */
export const backend: Backend = {
  agreements: {
    'P-384': weierstrass({
      curve: 'secp384r1',
      privateHeader: '3081a40201010430',
      publicFieldHeader: 'a00706052b81040022a164036200',
      spkiHeader: '3076301006072a8648ce3d020106052b81040022036200',
      compressedSpkiHeader: '3046301006072a8648ce3d020106052b81040022033200',
    }),
    'P-256': weierstrass({
      curve: 'prime256v1',
      privateHeader: '30770201010420',
      publicFieldHeader: 'a00a06082a8648ce3d030107a144034200',
      spkiHeader: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
      compressedSpkiHeader: '3039301306072a8648ce3d020106082a8648ce3d030107032200',
    }),
    X25519: montgomery('302e020100300506032b656e04220420'),
  },

  mlKem,

  sha256: (data) => bytesOf(hash('sha256', data, 'binary')),

  sha3,

  shake256,

  hkdf(secret, { salt, info, length, hash: name = 'sha256' }) {
    return new Uint8Array(hkdfSync(name, createSecretKey(secret), salt, info, length));
  },

  seal({ key, iv, associatedData }, plaintext) {
    const cipher = createCipheriv(gcmName(key), createSecretKey(key), iv, { authTagLength: tagBytes });
    cipher.setAAD(associatedData);
    const sealed = new Uint8Array(plaintext.length + tagBytes);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },

  open({ key, iv, associatedData }, sealed) {
    const decipher = createDecipheriv(gcmName(key), createSecretKey(key), iv, { authTagLength: tagBytes });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    const unverified = decipher.update(sealed.subarray(0, -tagBytes));
    try {
      decipher.final();
      return new Uint8Array(unverified);
    } catch {
      return null;
    } finally {
      unverified.fill(0);
    }
  },
};

function gcmName(key: Uint8Array): 'aes-128-gcm' | 'aes-256-gcm' {
  return key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}

/** The constant parts of a curve's key structures, in hexadecimal. */
interface WeierstrassForm {
  /** OpenSSL's name of the curve. */
  readonly curve: string;
  /** The bytes of an ECPrivateKey before its private key. */
  readonly privateHeader: string;
  /** The bytes of an ECPrivateKey between its private and its public key. */
  readonly publicFieldHeader: string;
  /** The bytes of a SubjectPublicKeyInfo before an uncompressed point. */
  readonly spkiHeader: string;
  /** The bytes of a SubjectPublicKeyInfo before a compressed point. */
  readonly compressedSpkiHeader: string;
}

function weierstrass(form: WeierstrassForm): Agreement {
  const privateHeader = Buffer.from(form.privateHeader, 'hex');
  const publicFieldHeader = Buffer.from(form.publicFieldHeader, 'hex');
  const spkiHeader = Buffer.from(form.spkiHeader, 'hex');
  const compressedSpkiHeader = Buffer.from(form.compressedSpkiHeader, 'hex');

  const importPublic = importOncePerOwner((publicKey) => {
    const header = publicKey[0] === uncompressedTag ? spkiHeader : compressedSpkiHeader;
    return createPublicKey({ key: Buffer.concat([header, publicKey]), format: 'der', type: 'spki' });
  });

  /** Passes the public key too: without it, OpenSSL would compute it, which doubles the cost. */
  function load(privateKey: Uint8Array, publicKey: Uint8Array): Party {
    const der = Buffer.concat([privateHeader, privateKey, publicFieldHeader, publicKey]);
    const imported = withPublicKey(() => createPrivateKey({ key: der, format: 'der', type: 'sec1' }));
    der.fill(0);
    return party(imported, publicKey, importPublic);
  }

  function derive(privateKey: Uint8Array): Party {
    const ecdh = createECDH(form.curve);
    ecdh.setPrivateKey(privateKey);
    return load(privateKey, new Uint8Array(ecdh.getPublicKey()));
  }

  return { derive, load, check: (publicKey) => void withPublicKey(() => importPublic(publicKey)) };
}

function montgomery(headerOfPkcs8: string): GeneratingAgreement {
  const pkcs8Header = Buffer.from(headerOfPkcs8, 'hex');

  /** Imports DER and not a JWK, because a JWK would leave the private key in a string, which cannot be wiped. */
  function importPrivate(privateKey: Uint8Array): KeyObject {
    const der = Buffer.concat([pkcs8Header, privateKey]);
    const imported = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return imported;
  }

  /** Imports a JWK (RFC 8037), because OpenSSL's decoders of DER take longer than the agreement itself. */
  const importPublic = importOncePerOwner((publicKey) => {
    const x = Buffer.from(publicKey).toString('base64url');
    return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  });

  function withOwnPublicKey(privateKey: KeyObject, publicKey: KeyObject): Party {
    const { x } = publicKey.export({ format: 'jwk' });
    return party(privateKey, new Uint8Array(Buffer.from(x as string, 'base64url')), importPublic);
  }

  function derive(privateKey: Uint8Array): Party {
    const imported = importPrivate(privateKey);
    return withOwnPublicKey(imported, createPublicKey(imported));
  }

  function generate(): Party {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    return withOwnPublicKey(privateKey, publicKey);
  }

  const load: Agreement['load'] = (privateKey, publicKey) => party(importPrivate(privateKey), publicKey, importPublic);

  return { derive, load, generate, check: refuseLowOrder };
}

type ImportPublic = (publicKey: Uint8Array, owner?: object) => KeyObject;

/** Wraps an import function so that it imports the key of each owner only once. */
function importOncePerOwner(importKey: (publicKey: Uint8Array) => KeyObject): ImportPublic {
  const imported = new WeakMap<object, KeyObject>();
  return (publicKey, owner) => {
    const known = owner && imported.get(owner);
    if (known !== undefined) return known;
    const key = importKey(publicKey);
    if (owner !== undefined) imported.set(owner, key);
    return key;
  };
}

/** OpenSSL refuses points off the curve at import, and an all-zero X25519 secret (RFC 7748, section 6.1) at agreement. */
function party(privateKey: KeyObject, publicKey: Uint8Array, importPublic: ImportPublic): Party {
  return {
    publicKey,
    agree: (peer, owner) =>
      withPublicKey(() => {
        const shared = diffieHellman({ privateKey, publicKey: importPublic(peer, owner) });
        const secret = new Uint8Array(shared);
        shared.fill(0);
        return secret;
      }),
  };
}

/** Returns the bytes of a text of bytes, of which Node makes one in a third of the time that it takes to make a Buffer. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
