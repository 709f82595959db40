"""The formats of @chat/ecdh-hub on pyca/cryptography: one JSON request on stdin, one line of hex on stdout."""
import hashlib
import json
import os
import pathlib
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from curves import MontgomeryCurve, NistCurve

sys.dont_write_bytecode = True  # writes no files beside the examples of the protocol
sys.path.append(str(pathlib.Path(__file__).parents[4] / "vectors"))

import mlkem  # noqa: E402

LABEL = b"ecdh-hub wrap v1"


class Curve:
    """A suite of one curve. Its encapsulation is an ephemeral public key, and its secret that of the agreement."""

    key_bytes = 16

    def public(self, raw):
        return self.encode(self.private(raw))

    def send(self, client_public):
        ephemeral = self.generate()
        return self.encode(ephemeral), self.agree(ephemeral, client_public)

    def receive(self, raw, encapsulation):
        return self.agree(self.private(raw), encapsulation)

    def bound(self, key):
        return key


class Nist(NistCurve, Curve):
    def __init__(self, curve, field_bytes):
        super().__init__(curve)
        self.public_bytes = self.encapsulation_bytes = 1 + 2 * field_bytes
        self.announced_bytes = 1 + field_bytes


class Montgomery(MontgomeryCurve, Curve):
    public_bytes = encapsulation_bytes = announced_bytes = 32


class XWing:
    public_bytes, encapsulation_bytes, announced_bytes, key_bytes = 1216, 1120, 0, 32
    curve = Montgomery()

    def expand(self, raw):
        expanded = hashlib.shake_256(raw).digest(96)
        return (*mlkem.key_pair(expanded[:64]), expanded[64:])

    def public(self, raw):
        public, _, scalar = self.expand(raw)
        return public + self.curve.public(scalar)

    def combine(self, *parts):
        return hashlib.sha3_256(b"".join(parts) + bytes.fromhex("5c2e2f2f5e5c")).digest()

    def send(self, client_public):
        public, point = client_public[:1184], client_public[1184:]
        ciphertext, secret = mlkem.encapsulate(public, os.urandom(32))
        ephemeral, agreed = self.curve.send(point)
        return ciphertext + ephemeral, self.combine(secret, agreed, ephemeral, point)

    def receive(self, raw, encapsulation):
        _, private, scalar = self.expand(raw)
        ciphertext, ephemeral = encapsulation[:1088], encapsulation[1088:]
        secret = mlkem.decapsulate(private, ciphertext)
        return self.combine(secret, self.curve.receive(scalar, ephemeral), ephemeral, self.curve.public(scalar))

    def bound(self, key):
        return sha256(key)


SUITES = {
    1: ("P-384", Nist(ec.SECP384R1(), 48)),
    2: ("P-256", Nist(ec.SECP256R1(), 32)),
    3: ("X25519", Montgomery()),
    4: ("X-Wing", XWing()),
}


def prefixed(*fields):
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def binding(name, hub_public, client_public, context):
    return prefixed(LABEL, name.encode(), hub_public, client_public, context)


def cipher(suite, secret, salt, info):
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=suite.key_bytes, salt=salt, info=info).derive(secret))


def unwrap(request):
    envelope = bytes.fromhex(request["envelope"])
    assert envelope[0] == 1
    name, suite = SUITES[envelope[1]]
    key_bytes, rest = envelope[2], envelope[3:]
    encapsulation, rest = rest[: suite.encapsulation_bytes], rest[suite.encapsulation_bytes :]
    salt, iv, ciphertext = rest[:16], rest[16:28], rest[28:]
    assert len(ciphertext) == key_bytes + 16

    private = bytes.fromhex(request["privateKey"])
    client_public = suite.public(private)
    assert client_public.hex() == request["publicKey"]
    info = binding(name, suite.bound(encapsulation), suite.bound(client_public), bytes.fromhex(request["context"]))
    return cipher(suite, suite.receive(private, encapsulation), salt, info).decrypt(iv, ciphertext, info)


def wrap(request):
    number, (name, suite) = next(row for row in SUITES.items() if row[1][0] == request["suite"])
    client_public, key = bytes.fromhex(request["publicKey"]), bytes.fromhex(request["key"])
    salt, iv = os.urandom(16), os.urandom(12)
    encapsulation, secret = suite.send(client_public)
    info = binding(name, suite.bound(encapsulation), suite.bound(client_public), bytes.fromhex(request["context"]))
    ciphertext = cipher(suite, secret, salt, info).encrypt(iv, key, info)
    return bytes([1, number, len(key)]) + encapsulation + salt + iv + ciphertext


def hkdf(secret, length, info):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(secret)


def sha256(data):
    return hashlib.sha256(data).digest()


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, size):
        taken, self.data = self.data[:size], self.data[size:]
        assert len(taken) == size
        return taken

    def number(self, size):
        return int.from_bytes(self.take(size), "big")


def roster_hash(members):
    if not members:
        return bytes(32)
    entries = [sha256(prefixed(b"ecdh-hub member v1", member_id, public)) for member_id, public in members]
    blocks = [sha256(prefixed(b"ecdh-hub block v1") + b"".join(entries[i : i + 32])) for i in range(0, len(entries), 32)]
    return sha256(prefixed(b"ecdh-hub roster v1") + b"".join(blocks))


def follow(request):
    """Returns the keys of a group's epochs for one member, one after the other. Checks each hash and commitment."""
    number_of_suite, (name, suite) = next(row for row in SUITES.items() if row[1][0] == request["suite"])
    group, own_id = request["group"].encode(), request["id"].encode()
    private, own_public = bytes.fromhex(request["privateKey"]), bytes.fromhex(request["publicKey"])
    members, secret, keys = [], None, b""
    context = commitment = bytes(32)

    for number, epoch in enumerate(request["epochs"], 1):
        roster = roster_hash(members)
        last = str(number - 1).encode()
        state = prefixed(b"ecdh-hub group v1", group, name.encode(), last, context, commitment, roster)

        announcement = bytes.fromhex(epoch["announcement"])
        reader = Reader(announcement)
        assert reader.take(2) == bytes([1, number_of_suite])
        kind = reader.number(1)
        assert reader.number(4) == number
        assert reader.take(32) == sha256(state)
        ephemeral = reader.take(suite.announced_bytes)
        removed = [reader.take(reader.number(1)) for _ in range(reader.number(2))]
        added = [(reader.take(reader.number(1)), reader.take(suite.public_bytes)) for _ in range(reader.number(2))]
        commitment = reader.take(32)
        assert reader.data == b""
        members = [member for member in members if member[0] not in removed] + added

        context = sha256(prefixed(b"ecdh-hub epoch v1", group) + announcement[:-32])
        if kind == 2:
            secret = hkdf(secret, 32, prefixed(b"ecdh-hub step v1", context))
        else:
            wrapped = bytes.fromhex(epoch["wrap"])
            encapsulation, sealed = ephemeral or wrapped[:-48], wrapped[-48:]
            keys_of_wrap = suite.bound(encapsulation), suite.bound(own_public)
            info = prefixed(b"ecdh-hub epoch wrap v1", context, *keys_of_wrap, own_id)
            wrapping = hkdf(suite.receive(private, encapsulation), suite.key_bytes + 12, info)
            secret = AESGCM(wrapping[:-12]).decrypt(wrapping[-12:], sealed, info)
        assert hkdf(secret, 32, prefixed(b"ecdh-hub commitment v1", context)) == commitment
        keys += hkdf(secret, 32, prefixed(b"ecdh-hub key v1", context))
    return keys


request = json.load(sys.stdin)
print({"wrap": wrap, "unwrap": unwrap, "follow": follow}[request["do"]](request).hex())
