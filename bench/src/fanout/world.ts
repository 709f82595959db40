/** The users of the load benchmark, and the certificates of all servers and clients, under one CA. */
import {
  certificateFingerprint,
  createCA,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  privateKeyToPem,
} from '@chat/mini-ca';
import { serverName, toBase64url } from '@chat/protocol';
import { importPlainPrivateKey, type Signer } from '@chat/signatures';

/** A user of the benchmark. All of them have the same TLS key, which is no secret here. */
export interface LoadUser {
  readonly user: string;
  readonly fingerprint: string;
  /** The public key, base64url. */
  readonly identity: string;
  /** PKCS#8 in PEM. */
  readonly identityKey: string;
  readonly certificate: string;
}

/** Certificates and users, as they are passed to other processes. */
export interface World {
  readonly ca: string;
  /** SHA-256 of the CA's certificate, which the signatures of logins name. */
  readonly caFingerprint: string;
  /** PKCS#8 in PEM. */
  readonly caKey: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly clientKey: string;
  readonly users: readonly LoadUser[];
}

/** Makes a CA, a certificate for servers, and users. */
export function createWorld(userCount: number): World {
  const ca = createCA();
  const [serverKeys, clientKeys] = [createKeyPair('ec', 'P-256'), createKeyPair('ec', 'P-256')];
  const [serverRequest, request] = [createCertRequest(serverKeys, {}), createCertRequest(clientKeys, {})];
  const validity = { ca, lifetimeMs: 24 * 60 * 60_000, now: new Date() };
  const users = Array.from({ length: userCount }, (_, index): LoadUser => {
    const user = `user-${index}`;
    const identityKey = privateKeyToPem(createKeyPair('ec', 'P-384').privateKey);
    const { fingerprint, publicKey } = importPlainPrivateKey(identityKey);
    const names = { commonName: user, uri: [`urn:chat:user:${user}`, `urn:chat:identity:${fingerprint}`] };
    return {
      user,
      fingerprint,
      identity: toBase64url(publicKey),
      identityKey,
      certificate: issueCertificate({ ...validity, request, profile: 'client', names }),
    };
  });
  const names = { dns: [serverName, 'localhost'], ip: ['127.0.0.1'] };
  return {
    ca: ca.certificate,
    caFingerprint: certificateFingerprint(ca.certificate),
    caKey: privateKeyToPem(ca.privateKey),
    server: {
      certificate: issueCertificate({ ...validity, request: serverRequest, profile: 'server', names }),
      key: privateKeyToPem(serverKeys.privateKey),
    },
    clientKey: privateKeyToPem(clientKeys.privateKey),
    users,
  };
}

/** Returns the signer of a user. */
export const signerOf = ({ identityKey }: LoadUser): Signer => importPlainPrivateKey(identityKey);

/** Returns the user with this index. */
export function userAt({ users }: World, index: number): LoadUser {
  const user = users[index];
  if (user === undefined) throw new Error(`The benchmark has no user ${index}: create more.`);
  return user;
}
