/** What a client stores of its recovery: the keys that its recovery phrase leads to, as far as backups need them, and the latest backup. */
import { z } from 'zod';

const count = z.int().min(0);

const storedBackup = z.strictObject({
  /** Each backup has a greater number than the one before. */
  number: count,
  /** When it was made, by this machine's clock. */
  at: count,
  /** Bytes of its chunks. */
  bytes: count,
  /** The files of messages that are not in it, because the server keeps no more, and their bytes. */
  left: z.strictObject({ files: count, bytes: count }),
  /** SHA-256 of its encrypted head in hex. */
  hash: z.string(),
  /** SHA-256 of the `markOf` of its state in hex, by which the client knows that there is nothing new. */
  mark: z.string(),
});
/** A backup that the server has taken. */
export type StoredBackup = z.infer<typeof storedBackup>;

/** Schema of `StoredRecovery`. */
export const storedRecovery = z.strictObject({
  /** The key of 32 bytes under which backups are encrypted, in base64url. The key that opens them at the server is in no profile. */
  key: z.string(),
  /** The public key by which the server knows the phrase, in base64url. */
  publicKey: z.string(),
  /** The private half of the user's identity key: PKCS #8 in base64url. Backups contain it, and the client cannot read it from its file. */
  identity: z.string(),
  /** When the phrase was made, by this machine's clock. */
  madeAt: count,
  /** Null before the first one. */
  latest: storedBackup.nullable(),
});
/** What is stored of a recovery. All of it is secret. */
export type StoredRecovery = z.infer<typeof storedRecovery>;
