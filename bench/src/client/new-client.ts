/** A client of a user of the world, which writes nothing to the disk. */
import { X509Certificate } from 'node:crypto';
import { ChatClient, type Stored } from '@chat/client';
import { createTlsTransport, systemScheduler } from '@chat/client/node';
import { toBase64url } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import { importPlainPrivateKey } from '@chat/signatures';
import { userAt, type World } from '../fanout/world.ts';

/** The server's CA: certificate in PEM, its fingerprint, and its key in base64url. */
export interface KnownAuthority {
  readonly certificate: string;
  readonly fingerprint: string;
  readonly key: string;
}

/** Returns the CA of a world. */
export const authorityOf = ({ ca, caFingerprint }: World): KnownAuthority => ({
  certificate: ca,
  fingerprint: caFingerprint,
  key: toBase64url(new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })),
});

/** Returns the TLS key and certificate of a user, as a client stores them. */
export const certifiedAt = (world: World, index: number, port: number): NonNullable<Stored['certified']> => ({
  tls: { privateKey: world.clientKey, certificate: userAt(world, index).certificate },
  chatPort: port,
});

/** What a client is made of. */
export interface NewClientOptions {
  readonly user: string;
  /** PKCS#8 in PEM. */
  readonly identityKey: string;
  readonly authority: KnownAuthority;
  readonly port: number;
  readonly stored: Stored;
  /** Called with each state that the client would store. Default: none. */
  readonly keep?: (stored: Stored) => void;
}

/** Returns a client that is not connected. */
export const newClient = ({
  user,
  identityKey,
  authority,
  port,
  stored,
  keep = () => undefined,
}: NewClientOptions): ChatClient =>
  new ChatClient({
    user,
    signer: importPlainPrivateKey(identityKey),
    crypto: createRoomCrypto(),
    scheduler: systemScheduler,
    transport: createTlsTransport({ host: '127.0.0.1', port }, { ...authority, serverId: authority.fingerprint }),
    authority: { serverId: authority.fingerprint, keys: [authority.key] },
    vault: { save: async (newest) => keep(newest), close: async () => {} },
    stored,
  });
