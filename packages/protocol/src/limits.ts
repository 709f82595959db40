/** The limits on which clients and servers rely. */

/** The limits of the protocol. Sizes are in bytes, times in milliseconds. */
export const limits = {
  /** Number of successions of a server's CA, the withdrawn ones too. A CA lives for ten years. */
  successions: 8,
  /** Time for which a client knows a succession before it pins the new CA: users and the operator can contest it meanwhile. */
  authorityNotice: 7 * 24 * 60 * 60 * 1000,
  /** Size of one frame on the wire, including its length. */
  frameBytes: 64 * 1024,
  /** Size of a message's text in UTF-8. */
  messageTextBytes: 16 * 1024,
  /** Size of a reaction in UTF-8: an emoji of several parts takes up to 35, a short word fewer. */
  reactionBytes: 64,
  /** Number of users whose reactions to one message count, those that came first. A list of more says nothing, and each takes memory. */
  reactionsPerMessage: 256,
  /** Number of members and invited users of a room. */
  roomMembers: 5_000,
  /** Number of connected members whom the server names to the others; the rest is counted. Their names take 9 kB of an answer at most. */
  presenceNames: 256,
  /** Number of changes in one `presence` push: all who are named may leave, and others take their places. */
  presenceChanges: 512,
  /** Number of entries after a fresh key until the next one. It bounds what one stolen key decrypts. */
  freshKeyEntries: 250,
  /** Time for which a fresh key is used, by the clock of the member that makes the next one. */
  freshKeyAge: 60 * 60 * 1000,
  /**
   * Time for which a fresh key is used before it is replaced for its entries or for a departure: in a room of very many messages,
   * `freshKeyEntries` pass within some milliseconds, and each new key voids the messages that are on their way; and one key answers all
   * departures that follow within this time after another key.
   */
  busyKeyAge: 1_000,
  /**
   * Number of entries after a fresh key from which on no author composes a message before the next fresh key. At a message a second
   * it is reached after an hour, and at 60 all members have had their turn to make the next key. No client reads more than some
   * 2,000 live messages a second, so that authors do not wait for a member that makes the key within a second of `busyKeyAge`.
   */
  lastKeyEntries: 4_096,
  /**
   * Age of a fresh key from which on no author composes a message, by the author's clock. Ten minutes more than `freshKeyAge`:
   * every member has its turn to make the next key within one, and those that the server refuses have tried again.
   */
  lastKeyAge: 70 * 60 * 1000,
  /** Number of wraps in a `put-wraps` request. Each takes 60 bytes, so these nearly fill a frame. */
  wrapsPerRequest: 1_000,
  /** Size of the opening of a link: version (1), suite (1), confirmation (16), encapsulated key of X-Wing (1,120). */
  openingBytes: 1_138,
  /** Number of openings in a `put-links` request or an answer to `get-links`. Each takes 1,250 bytes, so these fill a frame. */
  linksPerRequest: 50,
  /** Number of links in each list of a `confirm-links` request: more than one answer to `get-links` names. */
  linksPerConfirmation: 64,
  /**
   * Time for which a link is used, by its sender's clock. It bounds how long a copy of the sender's or of the recipient's profile
   * decrypts what follows. An hour and a half carries two keys that follow each other after an hour: half of the keys of a
   * busy room need no new links.
   */
  linkAge: 90 * 60 * 1000,
  /** Number of wraps over one link. A recipient who has opened none of them can still open the last one. */
  linkSteps: 1_000,
  /** Time for which a server keeps a wrap that its recipient has not confirmed: longer than a holiday. */
  wrapAge: 30 * 24 * 60 * 60 * 1000,
  /** Number of epochs in a `get-wraps` request. Each wrap in the answer takes 80 bytes. */
  epochsPerRequest: 256,
  /** Number of rooms in a `confirm-wraps` request, and of epochs in all of them. The server looks for a wrap of each. */
  roomsPerConfirmation: 64,
  epochsPerConfirmation: 1_024,
  /** Number of hashes in the proof for a wrap: enough for 8,192 recipients. */
  wrapPathHashes: 13,
  /** Number of positions by which the author view of an entry other than a message may precede the entry. */
  viewEntries: 512,
  /**
   * Number of positions by which the author view of a message may precede the message. Members accept a message with any view, so
   * more only costs memory: 128 KiB for each busy room. 64 authors who each have 16 messages on their way need 1,024.
   */
  messageViewEntries: 4_096,
  /**
   * Time after which a connected client replaces its prekey, and for which the change waits for openings to the one before. Each
   * change costs the client a signature, the server a verification and a write, and each member who then opens a link to it another
   * verification.
   */
  prekeyAge: 60 * 60 * 1000,
  /**
   * How far ahead of the reader's clock the signed time of a prekey may be. A prekey from later counts as absent: otherwise one
   * from the end of time could never be replaced. The signed time of an honest client lies in the past.
   */
  prekeyAhead: 24 * 60 * 60 * 1000,
  /** Number of renewals of a key in one entry or request. Each takes 370 bytes. */
  keyRenewalsPerChain: 8,
  /** Number of a user's latest renewals in an answer to `get-key-renewals`. */
  keyRenewalsPerAnswer: 64,
  /** Number of users in a `get-prekeys` request. Each prekey in the answer takes about 2 kB. */
  prekeysPerRequest: 40,
  /**
   * Number of the latest entries of a room that a server never deletes. It is how many a client shows, so a deletion that a
   * server claims never explains why a recent message is missing.
   */
  keptEntries: 100,
  /** Number of knocks that wait at a room. The oldest gives way to one more. */
  knocksPerRoom: 50,
  /** Number of knocks of one user that wait, at all rooms. The oldest gives way to one more. */
  knocksPerUser: 20,
  /** Time after which a knock ends: two weeks, in which some member of a room that is in use connects. */
  knockAge: 14 * 24 * 60 * 60 * 1000,
  /**
   * Time after which a room invitation ends that the user has not accepted, except in a direct room: a month is longer than a
   * holiday. Until then the room's keys are made for the user too.
   */
  invitationAge: 30 * 24 * 60 * 60 * 1000,
  /** Time after a dismissal in which the same user's knock does not reach the members. A day bothers them rarely enough. */
  dismissalAge: 24 * 60 * 60 * 1000,
  /** Number of earlier runs that a login names. A server restored from a backup knows one of them if it is not older than these. */
  earlierRuns: 32,
  /** Time between two heartbeats of one member of a small room. */
  heartbeatPeriod: 60 * 1000,
  /** Number of heartbeats of all members of a room in a minute. In large rooms each member sends them less often. */
  heartbeatsPerMinute: 8,
  /** Number of entries in a `restore-entries` request. The server checks a signature for each. */
  entriesPerRestore: 32,
  /** Number of rooms in one answer to `list-rooms` or `list-invitations`. */
  roomsPerPage: 100,
  /** Size of a file that a member sends to a room. */
  fileBytes: 1024 * 1024 * 1024,
  /** Size of a blob: of the ciphertext of the largest file, which is longer by 40 bytes and by 73 for each chunk of 64 KiB. */
  blobBytes: 1_074_937_969,
  /** Number of bytes of a blob in one request or answer. With the other fields they fit into a frame. */
  blobPieceBytes: 60 * 1024,
  /** Number of blobs in an answer to `blob-list`. */
  blobsPerPage: 100,
  /** Size of the name of a file in UTF-8, and of its media type. */
  fileNameBytes: 255,
  mediaTypeBytes: 127,
  /** Size of an encrypted chunk of a backup: 60 KiB, nonce and tag. With its name it fills a frame. */
  recoveryChunkBytes: 61_468,
  /** Size of the encrypted head of a backup. It names the chunks of its index, of which each has place for 500 others. */
  recoveryManifestBytes: 16 * 1024,
  /** Number of names of chunks in a request or an answer. */
  recoveryNamesPerRequest: 1_500,
  /** Size of a certificate in PEM. */
  pemBytes: 16 * 1024,
  /** Size of a certificate request in PEM. A request for a P-256 key takes 500 bytes, for an RSA key of 8192 bits 3,000. */
  requestPemBytes: 4 * 1024,
} as const;
