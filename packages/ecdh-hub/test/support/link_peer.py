"""Links of @chat/ecdh-hub on pyca/cryptography, from docs/format.md: one JSON request on stdin, one line of hex on stdout."""
import hashlib
import hmac
import json
import os
import pathlib
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from curves import MontgomeryCurve, NistCurve

sys.dont_write_bytecode = True  # writes no files beside the examples of the protocol
sys.path.append(str(pathlib.Path(__file__).parents[4] / "vectors"))

import mlkem  # noqa: E402


def mac(key, message, digest="sha256"):
    return hmac.new(key, message, digest).digest()


def prefixed(*fields):
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


class Dhkem:
    """DHKEM of RFC 9180, section 4.1."""

    def __init__(self, kem_id, digest, secret_bytes):
        self.suite_id = b"KEM" + kem_id.to_bytes(2, "big")
        self.digest, self.secret_bytes = digest, secret_bytes

    def shared(self, private, peer, kem_context):
        extracted = mac(b"", b"HPKE-v1" + self.suite_id + b"eae_prk" + self.agree(private, peer), self.digest)
        info = self.secret_bytes.to_bytes(2, "big") + b"HPKE-v1" + self.suite_id + b"shared_secret" + kem_context
        return mac(extracted, info + b"\x01", self.digest)[: self.secret_bytes]

    def encapsulate(self, public):
        private = self.generate()
        encapsulation = self.encode(private)
        return encapsulation, self.shared(private, public, encapsulation + public)

    def decapsulate(self, raw, encapsulation):
        private = self.private(raw)
        return self.shared(private, encapsulation, encapsulation + self.encode(private))


class Nist(NistCurve, Dhkem):
    def __init__(self, curve, kem_id, digest, secret_bytes):
        NistCurve.__init__(self, curve)
        Dhkem.__init__(self, kem_id, digest, secret_bytes)


class Montgomery(MontgomeryCurve, Dhkem):
    pass


class XWing:
    """draft-connolly-cfrg-xwing-kem-10."""

    curve = Montgomery(0x0020, "sha256", 32)

    def combine(self, *parts):
        return hashlib.sha3_256(b"".join(parts) + bytes.fromhex("5c2e2f2f5e5c")).digest()

    def encapsulate(self, public):
        point = public[1184:]
        ciphertext, secret = mlkem.encapsulate(public[:1184], os.urandom(32))
        private = self.curve.generate()
        ephemeral = self.curve.encode(private)
        return ciphertext + ephemeral, self.combine(secret, self.curve.agree(private, point), ephemeral, point)

    def decapsulate(self, raw, encapsulation):
        expanded = hashlib.shake_256(raw).digest(96)
        private = self.curve.private(expanded[64:])
        ciphertext, ephemeral = encapsulation[:1088], encapsulation[1088:]
        secret = mlkem.decapsulate(mlkem.key_pair(expanded[:64])[1], ciphertext)
        return self.combine(secret, self.curve.agree(private, ephemeral), ephemeral, self.curve.encode(private))


KEMS = {
    "P-384": Nist(ec.SECP384R1(), 0x0011, "sha384", 48),
    "P-256": Nist(ec.SECP256R1(), 0x0010, "sha256", 32),
    "X25519": Montgomery(0x0020, "sha256", 32),
    "X-Wing": XWing(),
}
SUITE_IDS = {"P-384": 1, "P-256": 2, "X25519": 3, "X-Wing": 4}


def root(secret, suite, public, encapsulation, context):
    """Returns the id, the first chain key and the confirmation."""
    transcript = hashlib.sha256(prefixed(b"ecdh-hub link v1", suite.encode(), public, encapsulation, context)).digest()
    info = prefixed(b"ecdh-hub link root v1", transcript)
    derived = HKDF(algorithm=hashes.SHA256(), length=48, salt=None, info=info).derive(secret)
    return transcript[:8], derived[:32], derived[32:]


def step_key(chain, step):
    for _ in range(step - 1):
        chain = mac(chain, b"ecdh-hub link chain v1")
    return mac(chain, b"ecdh-hub link step v1")


def tag_of(key_of_step, header, context, key):
    return mac(key_of_step, prefixed(b"ecdh-hub link tag v1", header, context, key))[:16]


def xor_pad(key_of_step, tag, text):
    pad = mac(key_of_step, prefixed(b"ecdh-hub link pad v1", tag))
    return bytes(a ^ b for a, b in zip(text, pad, strict=True))


def receive(request):
    """Returns the keys of the wraps, which come in any order."""
    suite, opening = request["suite"], bytes.fromhex(request["opening"])
    assert opening[:2] == bytes([1, SUITE_IDS[suite]])
    confirmation, encapsulation = opening[2:18], opening[18:]
    secret = KEMS[suite].decapsulate(bytes.fromhex(request["privateKey"]), encapsulation)
    public, context = bytes.fromhex(request["publicKey"]), bytes.fromhex(request["context"])
    link_id, chain, confirmed = root(secret, suite, public, encapsulation, context)
    assert confirmed == confirmation
    keys = b""
    for item in request["wraps"]:
        wrap, context = bytes.fromhex(item["wrap"]), bytes.fromhex(item["context"])
        header, tag, ciphertext = wrap[:12], wrap[12:28], wrap[28:]
        assert header[:8] == link_id and len(ciphertext) == 32
        key_of_step = step_key(chain, int.from_bytes(header[8:], "big"))
        key = xor_pad(key_of_step, tag, ciphertext)
        assert tag_of(key_of_step, header, context, key) == tag
        keys += key
    return keys


def send(request):
    """Returns the opening of a new link, and after it the wraps of the keys."""
    suite, public, context = request["suite"], bytes.fromhex(request["publicKey"]), bytes.fromhex(request["context"])
    encapsulation, secret = KEMS[suite].encapsulate(public)
    link_id, chain, confirmation = root(secret, suite, public, encapsulation, context)
    sent = bytes([1, SUITE_IDS[suite]]) + confirmation + encapsulation
    for step, item in enumerate(request["keys"], 1):
        key, context = bytes.fromhex(item["key"]), bytes.fromhex(item["context"])
        header, key_of_step = link_id + step.to_bytes(4, "big"), step_key(chain, step)
        tag = tag_of(key_of_step, header, context, key)
        sent += header + tag + xor_pad(key_of_step, tag, key)
    return sent


request = json.load(sys.stdin)
print({"receive": receive, "send": send}[request["do"]](request).hex())
