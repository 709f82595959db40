/** The backend on `node:crypto`. Raw keys are imported behind constant DER headers: SEC 1 (RFC 5915), PKCS#8, SPKI. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { type Agreement, type Backend, type Party, withPublicKey } from './backend.ts';

const CIPHER = 'aes-128-gcm';
const TAG = 16;

/** Bytes. Any private key shows whether a point is of low order: clamping makes each a multiple of 8 (RFC 7748 section 5). */
const X25519_KEY = 32;

export const backend: Backend = {
  agreements: {
    'P-384': weierstrass({
      curve: 'secp384r1',
      privateHeader: '3081a40201010430',
      publicFieldHeader: 'a00706052b81040022a164036200',
      spkiHeader: '3076301006072a8648ce3d020106052b81040022036200',
    }),
    'P-256': weierstrass({
      curve: 'prime256v1',
      privateHeader: '30770201010420',
      publicFieldHeader: 'a00a06082a8648ce3d030107a144034200',
      spkiHeader: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    }),
    X25519: montgomery({
      pkcs8Header: '302e020100300506032b656e04220420',
      spkiHeader: '302a300506032b656e032100',
    }),
  },

  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),

  hkdf(secret, salt, info, length) {
    return new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, length));
  },

  seal(key, iv, associatedData, plaintext) {
    const cipher = createCipheriv(CIPHER, createSecretKey(key), iv, { authTagLength: TAG });
    cipher.setAAD(associatedData);
    const sealed = new Uint8Array(plaintext.length + TAG);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },

  open(key, iv, associatedData, sealed) {
    const decipher = createDecipheriv(CIPHER, createSecretKey(key), iv, { authTagLength: TAG });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(-TAG));
    const unverified = decipher.update(sealed.subarray(0, -TAG));
    try {
      decipher.final();
      return new Uint8Array(unverified);
    } catch {
      return undefined;
    } finally {
      unverified.fill(0);
    }
  },
};

interface WeierstrassForm {
  readonly curve: string;
  /** ECPrivateKey up to the private key, from there to the public key, and what comes before a public key alone. */
  readonly privateHeader: string;
  readonly publicFieldHeader: string;
  readonly spkiHeader: string;
}

function weierstrass(form: WeierstrassForm): Agreement {
  const privateHeader = Buffer.from(form.privateHeader, 'hex');
  const publicFieldHeader = Buffer.from(form.publicFieldHeader, 'hex');
  const importPublic = publicImporter(form.spkiHeader);

  /** With its public key beside it, OpenSSL need not compute that again, which would double the cost. */
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

function montgomery(form: { readonly pkcs8Header: string; readonly spkiHeader: string }): Agreement {
  const pkcs8Header = Buffer.from(form.pkcs8Header, 'hex');
  const spkiHeaderBytes = form.spkiHeader.length / 2;
  const importPublic = publicImporter(form.spkiHeader);

  function importPrivate(privateKey: Uint8Array): KeyObject {
    const der = Buffer.concat([pkcs8Header, privateKey]);
    const imported = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return imported;
  }

  function derive(privateKey: Uint8Array): Party {
    const imported = importPrivate(privateKey);
    const spki = createPublicKey(imported).export({ format: 'der', type: 'spki' });
    return party(imported, new Uint8Array(spki.subarray(spkiHeaderBytes)), importPublic);
  }

  const load: Agreement['load'] = (privateKey, publicKey) => party(importPrivate(privateKey), publicKey, importPublic);

  return { derive, load, check: (publicKey) => void derive(new Uint8Array(X25519_KEY)).agree(publicKey) };
}

function publicImporter(spkiHeader: string): (publicKey: Uint8Array) => KeyObject {
  const header = Buffer.from(spkiHeader, 'hex');
  return (publicKey) => createPublicKey({ key: Buffer.concat([header, publicKey]), format: 'der', type: 'spki' });
}

/** OpenSSL refuses points off the curve at import, and an all-zero X25519 secret (RFC 7748 section 6.1) at agreement. */
function party(privateKey: KeyObject, publicKey: Uint8Array, importPublic: (key: Uint8Array) => KeyObject): Party {
  return {
    publicKey,
    agree: (peer) =>
      withPublicKey(() => {
        const shared = diffieHellman({ privateKey, publicKey: importPublic(peer) });
        const secret = new Uint8Array(shared);
        shared.fill(0);
        return secret;
      }),
  };
}
