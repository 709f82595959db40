"""The envelope format of @chat/ecdh-hub on pyca/cryptography: one JSON request on stdin, one line of hex on stdout."""
import json
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LABEL = b"ecdh-hub wrap v1"


class Nist:
    def __init__(self, curve, public_bytes):
        self.curve = curve
        self.public_bytes = public_bytes

    def generate(self):
        return ec.generate_private_key(self.curve)

    def private(self, raw):
        return ec.derive_private_key(int.from_bytes(raw, "big"), self.curve)

    def encode(self, private):
        return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def agree(self, private, peer):
        return private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(self.curve, peer))


class Montgomery:
    public_bytes = 32

    def generate(self):
        return x25519.X25519PrivateKey.generate()

    def private(self, raw):
        return x25519.X25519PrivateKey.from_private_bytes(raw)

    def encode(self, private):
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def agree(self, private, peer):
        return private.exchange(x25519.X25519PublicKey.from_public_bytes(peer))


SUITES = {
    1: ("P-384", Nist(ec.SECP384R1(), 97)),
    2: ("P-256", Nist(ec.SECP256R1(), 65)),
    3: ("X25519", Montgomery()),
}


def binding(name, hub_public, client_public, context):
    fields = [LABEL, name.encode(), hub_public, client_public, context]
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def cipher(secret, salt, info):
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=16, salt=salt, info=info).derive(secret))


def unwrap(request):
    envelope = bytes.fromhex(request["envelope"])
    assert envelope[0] == 1
    name, group = SUITES[envelope[1]]
    key_bytes, rest = envelope[2], envelope[3:]
    hub_public, rest = rest[: group.public_bytes], rest[group.public_bytes :]
    salt, iv, ciphertext = rest[:16], rest[16:28], rest[28:]
    assert len(ciphertext) == key_bytes + 16

    private = group.private(bytes.fromhex(request["privateKey"]))
    client_public = group.encode(private)
    assert client_public.hex() == request["publicKey"]
    info = binding(name, hub_public, client_public, bytes.fromhex(request["context"]))
    return cipher(group.agree(private, hub_public), salt, info).decrypt(iv, ciphertext, info)


def wrap(request):
    suite, (name, group) = next(row for row in SUITES.items() if row[1][0] == request["suite"])
    client_public, key = bytes.fromhex(request["publicKey"]), bytes.fromhex(request["key"])
    private, salt, iv = group.generate(), os.urandom(16), os.urandom(12)
    hub_public = group.encode(private)
    info = binding(name, hub_public, client_public, bytes.fromhex(request["context"]))
    ciphertext = cipher(group.agree(private, client_public), salt, info).encrypt(iv, key, info)
    return bytes([1, suite, len(key)]) + hub_public + salt + iv + ciphertext


request = json.load(sys.stdin)
print({"wrap": wrap, "unwrap": unwrap}[request["do"]](request).hex())
