"""Checks the examples in this folder, or in the one that is named, by docs/protocol.md alone, on pyca/cryptography."""
import base64
import json
import pathlib
import sys

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.dont_write_bytecode = True  # leaves nothing beside the examples

from computations import derive, domain_bytes, empty_log_hash, entry_domain, entry_hash, hkdf, next_log_hash
from computations import sha256, unbase64url, unhex, verifies
from judge import Judge

LARGEST_FRAME = 65536
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"does not hold: {what}")


# Section 4: frames


def read_frame(data):
    """The one frame that these bytes are, or the code for which the connection is ended."""
    if len(data) > LARGEST_FRAME:
        return "frame-too-long"
    try:
        frame = json.loads(data.removesuffix(b"\n").decode())
    except ValueError:
        return "malformed-frame"
    return frame if isinstance(frame, dict) else "malformed-frame"


def check_frames(examples):
    for example in examples["sound"]:
        check(unhex(example["bytes"]).count(b"\n") == 1, "a frame is one line")
        check(read_frame(unhex(example["bytes"])) == example["frame"], "a sound frame")
    for example in examples["broken"]:
        check(read_frame(unhex(example["bytes"])) == example["code"], f"a broken frame: {example['what']}")
    longest = examples["longest"]
    check(longest["bytes"] == LARGEST_FRAME, "the longest frame")
    check(read_frame(b"x" * (LARGEST_FRAME + 1)) == longest["tooLong"], "a frame that is too long")


# Section 5: statements


def check_statements(examples, key):
    request = sha256(examples["request"].encode()).hex()
    for purpose in ("enrol", "renew", "login"):
        example = examples[purpose]
        fields = {"nonce": examples["nonce"], "channel": examples["channel"], "user": examples["user"]}
        if purpose != "login":
            fields["request"] = request
        data = json.dumps(fields, separators=(",", ":"))
        domain = {"protocol": "chat/1", "purpose": purpose, "context": examples["ca"]}
        check(example["data"] == data, f"the statement to {purpose}")
        check(example["domain"] == domain, f"the domain to {purpose}")
        check(unhex(example["signed"]) == domain_bytes(domain, data.encode()), f"what is signed to {purpose}")
        check(verifies(key, example["signature"], unhex(example["signed"])), f"the signature to {purpose}")


# Section 7: entries


def check_entry(example, room, key, log_hash):
    """The log hash after the entry."""
    entry = example["entry"]
    kind, payload = entry["type"], entry["payload"].encode()
    said = json.loads(payload)
    check(said["type"] == kind and said["v"] == 1, "the payload is of the entry's type")
    check(kind == "create" or said["room"] == room.hex(), "the payload names the room")
    check(sha256(unbase64url(key)).hex() == entry["by"], "the signer's fingerprint")

    domain = entry_domain(kind, room)
    check(example["domain"] == domain, f"the domain of a {kind} entry")
    check(unhex(example["signed"]) == domain_bytes(domain, payload), f"what is signed of a {kind} entry")
    check(verifies(key, entry["signature"], unhex(example["signed"])), f"the signature of a {kind} entry")

    check(entry_hash(entry).hex() == example["hash"], f"the hash of a {kind} entry")
    after = next_log_hash(log_hash, example["seq"], entry_hash(entry), kind)
    check(after.hex() == example["logHash"], f"the log hash after a {kind} entry")
    return after


# Section 9: keys


def private_key(person):
    number = int.from_bytes(unbase64url(person["prekey"]["privateKey"]), "big")
    return ec.derive_private_key(number, ec.SECP384R1())


def unwrap(person, envelope, context):
    """The secret in an envelope of @chat/ecdh-hub; None when it is not for this person and context."""
    check(len(envelope) == 176 and envelope[:3] == bytes([1, 1, 32]), "the envelope's length and head")
    hub_public, salt, iv, ciphertext = envelope[3:100], envelope[100:116], envelope[116:128], envelope[128:]
    agreed = private_key(person).exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), hub_public)
    )
    own_public = unbase64url(person["prekey"]["publicKey"])
    fields = [b"ecdh-hub wrap v1", b"P-384", hub_public, own_public, context]
    binding = b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    try:
        return AESGCM(hkdf(agreed, binding, 16, salt)).decrypt(iv, ciphertext, binding)
    except InvalidTag:
        return None


def check_epoch(example, payload, before, room, people):
    """The epoch's secret, as those who are given a wrap find it, and as those who step to it do."""
    number, secret = example["number"], unhex(example["secret"])
    place = f"{room.hex()} {number}"
    check(payload["number"] == number and payload["kind"] == example["kind"], "the epoch's number and kind")
    check(derive(secret, "commitment", room, number).hex() == payload["commitment"], "the commitment")
    if example["kind"] == "step":
        check(derive(before, "step", room, number) == secret, "the secret of a step")

    digest = b"chat/1 wraps\n"
    for wrap in sorted(example["wraps"], key=lambda wrap: wrap["to"]):
        person = next(person for person in people.values() if person["fingerprint"] == wrap["to"])
        envelope = unbase64url(wrap["envelope"])
        digest += unhex(wrap["to"]) + sha256(envelope)
        check(unwrap(person, envelope, f"chat/1 wrap {place} {wrap['to']}".encode()) == secret, "the wrapped secret")
        elsewhere = f"chat/1 wrap {room.hex()} {number + 1} {wrap['to']}".encode()
        check(unwrap(person, envelope, elsewhere) is None, "a wrap is for its epoch alone")
    check(sha256(digest).hex() == payload["wraps"] == example["wrapsDigest"], "the digest of the wraps")
    return secret


# Section 10: messages


def check_message(entry, seq, secret, room, chain, log_hashes, encryption):
    payload = json.loads(entry["payload"])
    key = derive(secret, "message", room, payload["epoch"])
    check(key == unhex(encryption["key"]), "the message key")
    try:
        padded = Fernet(base64.urlsafe_b64encode(key)).decrypt(payload["token"].encode())
    except InvalidToken:
        return check(False, "the token decrypts")
    check(padded == unhex(encryption["plaintext"]) and payload["token"] == encryption["token"], "the token")
    check(base64.urlsafe_b64decode(payload["token"])[9:25] == unhex(encryption["iv"]), "the token's IV")
    size = len(padded)
    check(size >= 256 and size & (size - 1) == 0, "the padding goes to a power of two")
    content = json.loads(padded.decode())
    text = padded.rstrip(b" ")
    check(size == 256 or len(text) > size // 2, "the padding goes to the next power of two and no further")

    check(content["v"] == 1 and content["room"] == room.hex(), "the content's room")
    check(content["epoch"] == payload["epoch"] and content["author"] == entry["by"], "the content's epoch and author")
    check((content["counter"], content["previous"]) == (chain[0] + 1, chain[1]), "the author's chain")
    check(content["head"]["seq"] < seq, "the head is before the entry")
    check(log_hashes[content["head"]["seq"]].hex() == content["head"]["hash"], "the log hash that the author saw")
    check(content["body"]["kind"] == "text" and len(content["body"]["text"]) > 0, "the content's body")
    check(encryption["at"] == content["at"] // 1000, "the token's time")


def check_conversation(examples):
    room = unhex(examples["room"])
    people = {person["user"]: person for person in examples["people"]}
    keys = {person["fingerprint"]: person["key"] for person in examples["people"]}
    create = examples["entries"][0]["entry"]
    check(create["type"] == "create" and sha256(create["payload"].encode()) == room, "the room's id")
    log_hashes = {0: empty_log_hash(room)}
    check(log_hashes[0].hex() == examples["emptyLogHash"], "the log hash before the first entry")

    epochs = {epoch["seq"]: epoch for epoch in examples["epochs"]}
    encryptions = iter(examples["encryptions"])
    chains, secret, previous, membership = {}, None, "0" * 64, 0
    for seq, example in enumerate(examples["entries"], 1):
        entry = example["entry"]
        payload = json.loads(entry["payload"])
        check(example["seq"] == seq, "positions are without gaps")
        log_hashes[seq] = check_entry(example, room, keys[entry["by"]], log_hashes[seq - 1])
        if "head" in payload:
            head = payload["head"]
            check(head["seq"] < seq and log_hashes[head["seq"]].hex() == head["hash"], "the log as the author saw it")
        if entry["type"] in ("create", "join"):
            check(payload["key"] == keys[entry["by"]], "the key of who comes")
            check(payload["prekey"] == people[payload["author"]]["prekey"]["publicKey"], "the prekey of who comes")
            chains[entry["by"]] = (0, example["hash"])
        if entry["type"] in ("create", "join", "leave", "remove"):
            membership = seq
        if entry["type"] == "epoch":
            check(payload["previous"] == previous and payload["answers"] == membership, "the epoch follows")
            secret = check_epoch(epochs[seq], payload, secret, room, people)
            previous = example["hash"]
        if entry["type"] == "message":
            chain = chains[entry["by"]]
            check_message(entry, seq, secret, room, chain, log_hashes, next(encryptions))
            chains[entry["by"]] = (chain[0] + 1, example["hash"])

    for derivation in examples["derivations"]:
        output = hkdf(unhex(derivation["secret"]), derivation["info"].encode())
        check(output.hex() == derivation["output"], f"HKDF for {derivation['info']}")


# Section 8: how members judge a log


def check_breaches(breaches, examples):
    """The conversation has no breach in it; each of these is one, where it is put."""
    room, me = unhex(examples["room"]), examples["people"][0]["fingerprint"]
    secrets = {epoch["number"]: unhex(epoch["secret"]) for epoch in examples["epochs"]}

    def read(count):
        judge = Judge(room, me, secrets)
        for example in examples["entries"][:count]:
            check(judge.apply(example) == [], f"nothing is wrong with the {example['entry']['type']} entry")
        return judge

    read(len(examples["entries"]))
    for breach in breaches:
        found = read(breach["after"]).apply(breach["item"])
        check(found == [breach["violation"]], f"{breach['what']}: {breach['violation']}, not {found}")


folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
conversation, breaches, statements, frames = (
    json.loads((folder / f"{name}.json").read_text("utf-8"))
    for name in ("conversation", "breaches", "statements", "frames")
)
check_frames(frames)
check_statements(statements, next(person["key"] for person in conversation["people"] if person["user"] == "alice"))
check_conversation(conversation)
check_breaches(breaches, conversation)
print(f"{checks} checks passed")
