"""Key pairs and Diffie-Hellman of the suites' curves on pyca/cryptography. A key on the wire is its public bytes."""
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class NistCurve:
    def __init__(self, curve):
        self.curve = curve

    def generate(self):
        return ec.generate_private_key(self.curve)

    def private(self, raw):
        return ec.derive_private_key(int.from_bytes(raw, "big"), self.curve)

    def encode(self, private):
        return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def agree(self, private, peer):
        return private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(self.curve, peer))


class MontgomeryCurve:
    def generate(self):
        return x25519.X25519PrivateKey.generate()

    def private(self, raw):
        return x25519.X25519PrivateKey.from_private_bytes(raw)

    def encode(self, private):
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def agree(self, private, peer):
        return private.exchange(x25519.X25519PublicKey.from_public_bytes(peer))
