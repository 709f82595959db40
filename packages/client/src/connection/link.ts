/** An open, authenticated byte stream to a server: TLS in the real client, anything in a test. */

export interface Link {
  /** The connection's TLS exporter value, base64url: what is signed for this connection is worth nothing on another. */
  readonly channel: string;
  /** Fingerprint of the certificate authority that the server was verified against. */
  readonly authority: string;
  send(bytes: Uint8Array): void;
  /** To be called once; nothing is read before. `closed` is called once, with the cause when there is one. */
  receive(data: (chunk: Uint8Array) => void, closed: (cause: Error | null) => void): void;
  close(): void;
}
