"""Section 10 of docs/protocol.md: X-Wing, links, the wraps that travel over them, and the tree over the wraps of an epoch."""
import functools
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import mlkem
from computations import hkdf, sha256, u32

WRAP, OPENING, CIPHERTEXT = 60, 1138, 1088
AHEAD = 1024


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def prefixed(*fields):
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


# X-Wing (draft-connolly-cfrg-xwing-kem-10)


@functools.cache
def expand(seed):
    """Returns the decapsulation key of ML-KEM-768, the private key of X25519, and the public key of X-Wing."""
    expanded = hashlib.shake_256(seed).digest(96)
    public, private = mlkem.key_pair(expanded[:64])
    scalar = X25519PrivateKey.from_private_bytes(expanded[64:])
    return private, scalar, public + scalar.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def decapsulate(seed, encapsulation):
    private, scalar, public = expand(seed)
    ephemeral = encapsulation[CIPHERTEXT:]
    secret = mlkem.decapsulate(private, encapsulation[:CIPHERTEXT])
    agreed = scalar.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    return hashlib.sha3_256(secret + agreed + ephemeral + public[-32:] + bytes.fromhex("5c2e2f2f5e5c")).digest()


# Links


@functools.cache
def accept(seed, opening, context):
    """Returns the id of a link and its first chain key; None when the opening is for another prekey or context."""
    if len(opening) != OPENING or opening[:2] != bytes([1, 4]):
        return None
    confirmation, encapsulation = opening[2:18], opening[18:]
    public = expand(seed)[2]
    transcript = sha256(prefixed(b"ecdh-hub link v1", b"X-Wing", public, encapsulation, context))
    derived = hkdf(decapsulate(seed, encapsulation), prefixed(b"ecdh-hub link root v1", transcript), 48)
    return (transcript[:8], derived[:32]) if derived[32:] == confirmation else None


def next_chain_key(chain):
    return mac(chain, b"ecdh-hub link chain v1")


def open_wrap(chain, wrap, context):
    """Returns the key in a wrap, with the chain key of its step; None when it does not open."""
    header, tag, ciphertext = wrap[:12], wrap[12:28], wrap[28:]
    step = mac(chain, b"ecdh-hub link step v1")
    pad = mac(step, prefixed(b"ecdh-hub link pad v1", tag))
    key = bytes(a ^ b for a, b in zip(ciphertext, pad))
    return key if mac(step, prefixed(b"ecdh-hub link tag v1", header, context, key))[:16] == tag else None


class Link:
    """A recipient's end of a link, which remembers the steps that it has used or forgotten."""

    def __init__(self, id_of_link, chain):
        self.id, self.chains, self.gone, self.next = id_of_link, {1: chain}, set(), 1

    def chain(self, step):
        for each in range(max(self.chains) + 1, step + 1):
            self.chains[each] = next_chain_key(self.chains[each - 1])
        return self.chains[step]

    def unwrap(self, wrap, context):
        """Returns the key, or the word for why there is none."""
        step = int.from_bytes(wrap[8:12], "big")
        if len(wrap) != WRAP or wrap[:8] != self.id:
            return "failed"
        if step in self.gone or step < self.next - 1 - AHEAD:
            return "used"
        if step - self.next > AHEAD:
            return "ahead"
        key = open_wrap(self.chain(step), wrap, context)
        if key is None:
            return "failed"
        self.gone.add(step)
        self.next = max(self.next, step + 1)
        return key

    def forget_before(self, step):
        self.gone.update(range(1, step))


# The tree over the wraps of an epoch (RFC 6962, section 2.1)


def leaf(recipient, wrap):
    return sha256(b"\0chat/1 wrap leaf\n" + recipient + (wrap or b""))


def split(count):
    """Returns the largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else bytes(32)
    left = split(len(leaves))
    return sha256(b"\1" + root(leaves[:left]) + root(leaves[left:]))


def path(leaves, index):
    """Returns the neighbours on the way from a leaf to the root, the lowest first."""
    if len(leaves) < 2:
        return b""
    left = split(len(leaves))
    if index < left:
        return path(leaves[:left], index) + root(leaves[left:])
    return path(leaves[left:], index - left) + root(leaves[:left])


def commitment(leaves):
    return sha256(b"chat/1 wraps 2\n" + u32(len(leaves)) + root(leaves)).hex()
