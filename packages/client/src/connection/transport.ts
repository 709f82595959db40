/** How a client reaches its server: byte streams, TLS keys and their certificates. */

/** An open, authenticated byte stream to a server. In the real client it is a TLS connection. */
export interface Link {
  /** The connection's TLS exporter value in base64url. Signatures over it are valid on this connection only. */
  readonly channel: string;
  /** The id of the server that was verified: the fingerprint of its first certificate authority. */
  readonly serverId: string;
  send(bytes: Uint8Array): void;
  /**
   * Starts reading; to be called once. Nothing is read before.
   *
   * @param data called with each chunk
   * @param closed called once at the end, with the cause if there is one
   */
  receive(data: (chunk: Uint8Array) => void, closed: (cause: Error | null) => void): void;
  close(): void;
}

/** A TLS key and its certificate, in PEM. */
export interface TlsIdentity {
  readonly privateKey: string;
  readonly certificate: string;
}

/** Opens links to one server. */
export interface Transport {
  /**
   * Opens a TLS connection to the enrolment port and verifies the server against its pinned authority.
   *
   * @param identity the latest TLS key with its certificate. While it is valid, the server keeps a place for its user's renewal.
   * @throws ClientError `unreachable`, `too-many-files`, `wrong-authority`, `clock-skew`, `not-a-chat-server`
   */
  openEnrolment(identity?: TlsIdentity): Promise<Link>;
  /**
   * Opens a mutual TLS connection to the chat port.
   *
   * @throws ClientError as `openEnrolment`, and `certificate-refused`
   */
  openChat(port: number, identity: TlsIdentity): Promise<Link>;
  /** Creates a TLS key and a request for its certificate, in PEM. */
  newRequest(user: string): { readonly privateKey: string; readonly request: string };
  /** Returns when to renew a certificate, in ms since 1970, with jitter so that clients do not renew all at once. */
  renewalTime(certificate: string): number;
}
