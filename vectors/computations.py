"""The computations of sections 1, 3, 7, 8 and 10 of docs/protocol.md, with pyca/cryptography."""
import base64
import functools
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_public_key


# Section 1: notation


def unhex(text):
    if text != text.lower():
        raise ValueError("hex must be lower-case")
    return bytes.fromhex(text)


def unbase64url(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise ValueError("base64url must be canonical")
    return data


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(secret, info, length=32, salt=None):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def compact(fields):
    return json.dumps(fields, separators=(",", ":"))


# Section 3: signatures


def domain_bytes(domain, data):
    fields = [domain[name].encode() for name in ("protocol", "purpose", "context")]
    return b"@chat/signatures domain sig. v1\n" + b"".join(u32(len(field)) + field for field in fields) + data


ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973


def has_low_s(signature):
    """Returns true when these bytes are the DER of an r and an s of which s is low."""
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        return False
    return encode_dss_signature(r, s) == signature and s <= (ORDER - 1) // 2


@functools.cache  # each breach is judged after the same entries
def verifies(key, signature, data, either_s=False):
    if not either_s and not has_low_s(unbase64url(signature)):
        return False
    try:
        load_der_public_key(unbase64url(key)).verify(unbase64url(signature), data, ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


# Section 7: entries


def entry_domain(kind, room):
    return {"protocol": "chat/1", "purpose": f"room.{kind}", "context": "" if kind == "create" else room.hex()}


def entry_hash(entry):
    signature = unbase64url(entry["signature"])
    head = b"chat/1 entry\n" + unhex(entry["by"]) + u64(len(signature)) + signature
    return sha256(head + unhex(entry["payload"]))


def empty_log_hash(room):
    return sha256(b"chat/1 log\n" + room)


def next_log_hash(before, seq, hash_of_entry, kind):
    return sha256(b"chat/1 next\n" + before + u64(seq) + hash_of_entry + kind.encode())


# Section 10: keys


def derive(secret, purpose, room, epoch, author=None):
    label = f"chat/1 {purpose} {room.hex()} {epoch}"
    return hkdf(secret, (label if author is None else f"{label} {author}").encode())


# Section 8: heartbeats, and the fingerprint of a log


def heartbeat_every(connected):
    return max(60_000, -(-connected * 60_000 // 8))


def log_fingerprint(log_hash):
    digest = hashlib.sha512(b"chat/1 log fingerprint\n" + log_hash).digest()
    groups = [int.from_bytes(digest[at : at + 5], "big") % 100_000 for at in range(0, 60, 5)]
    return " ".join(f"{group:05}" for group in groups)
