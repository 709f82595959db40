"""Checks the examples in this folder, or in the folder given as argument, against docs/protocol.md, with pyca/cryptography."""
import base64
import json
import pathlib
import sys

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.dont_write_bytecode = True  # writes no files beside the examples

from computations import derive, domain_bytes, empty_log_hash, entry_domain, entry_hash, hkdf, next_log_hash
from computations import compact, heartbeat_every, log_fingerprint, sha256, unbase64url, unhex, verifies
import links
from encoding import LARGEST_FRAME, is_json, padded_json, padded_size, read_content, read_frames, read_payload, token_of
from judge import Judge

ROOMS = ("conversation", "admission", "pair", "earlier")
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"does not hold: {what}")


# Section 4: frames


def shown(value):
    """Returns a frame as the example has it: raw fields in hex."""
    if isinstance(value, bytes):
        return {"raw": value.hex()}
    if isinstance(value, dict):
        return {name: shown(each) for name, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list) else value


def check_frames(examples):
    for example in examples["sound"]:
        check([shown(frame) for frame in read_frames(unhex(example["bytes"]))] == example["frames"], "valid frames")
    for example in examples["broken"]:
        check(read_frames(unhex(example["bytes"])) == example["code"], f"an invalid frame: {example['what']}")
    longest = examples["longest"]
    check(longest["bytes"] == LARGEST_FRAME, "the longest frame")
    check(read_frames((LARGEST_FRAME - 3).to_bytes(4, "big")) == longest["tooLong"], "the code for a frame that is too long")


# Sections 5, 8, 9 and 13: statements, heartbeats, prekeys and knocks


def check_signed(example, domain, data, key, what):
    check(example["data"] == data, f"the statement {what}")
    check(example["domain"] == domain, f"the domain {what}")
    check(unhex(example["signed"]) == domain_bytes(domain, data.encode()), f"the signed bytes {what}")
    check(verifies(key, example["signature"], unhex(example["signed"])), f"the signature {what}")


def check_statements(examples, key):
    check(sha256(unbase64url(key)).hex() == examples["by"], "the signer of the statements")
    request = sha256(examples["request"].encode()).hex()
    for purpose in ("enrol", "renew", "login"):
        example = examples[purpose]
        fields = {"nonce": examples["nonce"], "channel": examples["channel"], "user": examples["user"]}
        if purpose != "login":
            fields["request"] = request
        domain = {"protocol": "chat/1", "purpose": purpose, "context": examples["serverId"]}
        check_signed(example, domain, compact(fields), key, f"to {purpose}")

    prekey = examples["prekey"]
    fields = {"user": examples["user"], "suite": "X-Wing", "prekey": prekey["publicKey"], "madeAt": prekey["madeAt"]}
    domain = {"protocol": "chat/1", "purpose": "prekey", "context": examples["serverId"]}
    check_signed(prekey, domain, compact(fields), key, "for a prekey")
    check(links.expand(unbase64url(prekey["seed"]))[2] == unbase64url(prekey["publicKey"]), "the prekey of a seed")
    check_renewal(examples, key)
    check_authority(examples["authority"], examples["serverId"])
    check_knock(examples["knock"], examples["user"], key)
    check_heartbeat(examples["heartbeat"], examples["user"], key)
    fingerprint = examples["logFingerprint"]
    check(log_fingerprint(unhex(fingerprint["logHash"])) == fingerprint["digits"], "the fingerprint of a log")


def check_renewal(examples, key):
    renewal = examples["renewKey"]
    fields = {"user": examples["user"], **{name: renewal[name] for name in "number previous key madeAt".split()}}
    domain = {"protocol": "chat/1", "purpose": "renew-key", "context": examples["serverId"]}
    check(renewal["previous"] == sha256(unbase64url(key)).hex(), "the key before a renewal")
    check_signed(renewal, domain, compact(fields), key, "for a renewal of a key")


def check_authority(example, server_id):
    domain = {"protocol": "chat/1", "purpose": "authority", "context": server_id}
    fields = {"succession": "number previous next from madeAt", "withdrawal": "number withdrawn"}
    for kind, names in fields.items():
        statement = example[kind]
        data = compact({name: statement[name] for name in names.split()})
        check(statement["data"] == data, f"the data of a {kind}")
        check(unhex(statement["signed"]) == domain_bytes(domain, data.encode()), f"the signed bytes of a {kind}")
    shown = example["digest"]
    signatures = "".join(f"{each['signature']}\n" for each in shown["successions"] + shown["withdrawals"])
    check(sha256(signatures.encode()).hex() == shown["authority"], "the digest of what a server shows of its CAs")


def check_knock(example, user, key):
    knock, room = example["knock"], unhex(example["room"])
    payload = json.loads(knock["payload"])
    check(len(knock["payload"]) <= 768, "the length of a knock")
    check(set(payload) == set("v type room author key at".split()), "the fields of a knock")
    check((payload["v"], payload["type"], payload["room"]) == (1, "knock", room.hex()), "the version, type and room of a knock")
    check((payload["author"], payload["key"]) == (user, key), "the author of a knock")
    check(sha256(unbase64url(key)).hex() == knock["by"], "the signer of a knock")
    signed = domain_bytes(entry_domain("knock", room), knock["payload"].encode())
    check(unhex(example["signed"]) == signed and verifies(key, knock["signature"], signed), "the signature of a knock")


def check_heartbeat(example, user, key):
    heartbeat, room = example["heartbeat"], unhex(example["room"])
    payload = json.loads(heartbeat["payload"])
    check(len(heartbeat["payload"]) <= 512, "the length of a heartbeat")
    check(set(payload) == set("v type room author head every at".split()), "the fields of a heartbeat")
    kind = (payload["v"], payload["type"], payload["room"])
    check(kind == (1, "heartbeat", room.hex()), "the version, type and room of a heartbeat")
    check(payload["author"] == user and set(payload["head"]) == {"seq", "hash"}, "the author and head of a heartbeat")
    check(payload["every"] == heartbeat_every(2), "the time between two heartbeats")
    for each in example["every"]:
        check(heartbeat_every(each["connected"]) == each["ms"], f"the time for {each['connected']} members")
    signed = domain_bytes(entry_domain("heartbeat", room), heartbeat["payload"].encode())
    check(unhex(example["signed"]) == signed, "the signed bytes of a heartbeat")
    check(sha256(unbase64url(key)).hex() == heartbeat["by"], "the signer of a heartbeat")
    check(verifies(key, heartbeat["signature"], signed), "the signature of a heartbeat")


# Section 7: entries


def check_entry(example, room, key, log_hash, either_s):
    """Checks one entry, and returns the log hash after it."""
    entry = example["entry"]
    kind, payload = entry["type"], unhex(entry["payload"])
    said = read_payload(payload)
    versions = {"create": [1 if either_s else 2], "epoch": [1, 2] if either_s else [2]}.get(kind, [1])
    check(said["type"] == kind and said.get("v", versions[0]) in versions, "the payload is of the entry's type")
    check(kind == "create" or said.get("room", room.hex()) == room.hex(), "the payload names the room")
    check("v" in said and (kind == "create" or "room" in said) or payload[:1] == b"\1", "only messages leave out the room")
    check(sha256(unbase64url(key)).hex() == entry["by"], "the signer's fingerprint")

    domain = entry_domain(kind, room)
    check(example["domain"] == domain, f"the domain of a {kind} entry")
    check(unhex(example["signed"]) == domain_bytes(domain, payload), f"the signed bytes of a {kind} entry")
    check(verifies(key, entry["signature"], unhex(example["signed"]), either_s), f"the signature of a {kind} entry")

    check(entry_hash(entry).hex() == example["hash"], f"the hash of a {kind} entry")
    after = next_log_hash(log_hash, example["seq"], entry_hash(entry), kind)
    check(after.hex() == example["logHash"], f"the log hash after a {kind} entry")
    return after


# Section 10: keys


def private_key(person):
    number = int.from_bytes(unbase64url(person["earlierPrekey"]["privateKey"]), "big")
    return ec.derive_private_key(number, ec.SECP384R1())


def unwrap_envelope(person, envelope, context):
    """Returns the secret in an envelope of @chat/ecdh-hub; None when it was made for another user or context."""
    check(len(envelope) == 176 and envelope[:3] == bytes([1, 1, 32]), "the length and header of the envelope")
    hub_public, salt, iv, ciphertext = envelope[3:100], envelope[100:116], envelope[116:128], envelope[128:]
    agreed = private_key(person).exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), hub_public)
    )
    own_public = unbase64url(person["earlierPrekey"]["publicKey"])
    fields = [b"ecdh-hub wrap v1", b"P-384", hub_public, own_public, context]
    binding = b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    try:
        return AESGCM(hkdf(agreed, binding, 16, salt)).decrypt(iv, ciphertext, binding)
    except InvalidTag:
        return None


def check_epoch(example, payload, before, room, examples):
    """Checks an epoch: its wraps, and the derivation of its secret from the one before. Returns the secret."""
    number, secret = example["number"], unhex(example["secret"])
    check(payload["v"] == example["v"] and payload["wraps"] == example["wraps"], "the epoch's version and wraps")
    check(payload["number"] == number and payload["kind"] == example["kind"], "the epoch's number and kind")
    check(derive(secret, "commitment", room, number).hex() == payload["commitment"], "the commitment")
    if example["kind"] == "step":
        check(derive(before, "step", room, number) == secret, "the secret of a step")
    if "past" in payload:
        token = Fernet(base64.urlsafe_b64encode(derive(secret, "past", room, number)))
        past = payload["past"] + "=" * (-len(payload["past"]) % 4)
        check(token.decrypt(past.encode()) == before, "the secret of the epoch before")

    if payload["v"] == 1:
        check_envelopes(example, secret, room, examples["people"])
    else:
        check_slots(example, secret, room, examples)
    return secret


def check_envelopes(example, secret, room, people):
    """Checks the wraps of an epoch of version 1."""
    digest = b"chat/1 wraps\n"
    for wrap in sorted(example["envelopes"], key=lambda wrap: wrap["to"]):
        person = next(person for person in people if person["fingerprint"] == wrap["to"])
        envelope, context = unbase64url(wrap["envelope"]), f"chat/1 wrap {room.hex()} {example['number']} {wrap['to']}"
        digest += unhex(wrap["to"]) + sha256(envelope)
        check(unwrap_envelope(person, envelope, context.encode()) == secret, "the wrapped secret")
        check(unwrap_envelope(person, envelope, f"{context}0".encode()) is None, "a wrap is valid for its place only")
    check(sha256(digest).hex() == example["wraps"], "the digest of the wraps")


def check_slots(example, secret, room, examples):
    """Checks the wraps of an epoch of version 2."""
    leaves = []
    for slot in example["slots"]:
        wrap = None if slot["wrap"] is None else unbase64url(slot["wrap"])
        leaves.append(links.leaf(unhex(slot["to"]), wrap))
        if wrap is None:
            continue
        check(any(wrap == unbase64url(each["wrap"]) for each in examples["wrappings"]), "the wrap is among all wraps")
        found = [link for link in examples["links"] if unbase64url(link["id"]) == wrap[:8]]
        check(len(found) == 1 and found[0]["context"].endswith(f" {slot['to']}"), "the link leads to the recipient")
    check(links.commitment(leaves) == example["wraps"], "the root over the wraps")


def check_links(examples):
    """Checks each link of a room, and each wrap that was made on it."""
    for link in examples["links"]:
        word, kind, server, sender, recipient = link["context"].split(" ")
        check((word, kind, server) == ("chat/1", "link", examples["serverId"]), "the context of a link")
        people = {person["fingerprint"]: person for person in examples["people"]}
        seed, opening = unbase64url(people[recipient]["prekey"]["seed"]), unbase64url(link["opening"])
        check(sender in people and link["recipient"] == people[recipient]["prekey"]["publicKey"], "the ends of a link")
        check(links.accept(seed, opening, b"chat/1 link") is None, "a link is valid for its context only")
        accepted = links.accept(seed, opening, link["context"].encode())
        check(accepted is not None and accepted[0] == unbase64url(link["id"]), "the opening of a link")
        end = links.Link(*accepted)
        for step, wrapping in enumerate([each for each in examples["wrappings"] if each["link"] == link["id"]], 1):
            wrap, context = unbase64url(wrapping["wrap"]), wrapping["context"].encode()
            check(wrapping["step"] == step == int.from_bytes(wrap[8:12], "big"), "the steps of a link")
            check(end.unwrap(wrap, context + b"0") == "failed", "a wrap is valid for its place only")
            check(end.unwrap(wrap, context) == unhex(wrapping["secret"]), "the wrapped secret")
            check(end.unwrap(wrap, context) == "used", "a wrap opens once")


def check_link_examples(examples):
    example = examples["link"]
    seed = unbase64url(example["prekey"]["seed"])
    check(links.expand(seed)[2] == unbase64url(example["prekey"]["publicKey"]), "the prekey of a seed")
    context = f"chat/1 link {example['serverId']} {example['sender']} {example['recipient']}"
    check(context == example["context"], "the context of a link")
    accepted = links.accept(seed, unbase64url(example["opening"]), context.encode())
    check(accepted is not None and accepted[0] == unbase64url(example["id"]), "the opening of a link")
    chain, wraps = accepted[1], {}
    for step in example["steps"]:
        check(chain == unbase64url(step["chainKey"]), "the chain key of a step")
        wraps[step["step"]] = (unbase64url(step["wrap"]), step["context"].encode())
        check(links.open_wrap(chain, *wraps[step["step"]]) == unhex(step["secret"]), "the key of a step")
        chain = links.next_chain_key(chain)
    end = links.Link(*accepted)
    for at, arrival in enumerate(example["arrivals"]):
        if at == example["forgets"]["atArrival"]:
            end.forget_before(example["forgets"]["before"])
        found = end.unwrap(*wraps[arrival["step"]])
        check((found if isinstance(found, str) else "opened") == arrival["outcome"], "a wrap that arrives")

    for tree in examples["trees"]:
        slots = tree["slots"]
        check(slots == sorted(slots, key=lambda slot: slot["to"]), "the order of the slots")
        leaves = [links.leaf(unhex(slot["to"]), slot["wrap"] and unbase64url(slot["wrap"])) for slot in slots]
        check(links.commitment(leaves) == tree["commitment"], "the root of a tree")
        check(len(tree["paths"]) == len(leaves), "a path for each leaf")
        for index, path in enumerate(tree["paths"]):
            check(unbase64url(path) == links.path(leaves, index), "the path from a leaf to the root")


# Section 11: messages


def check_message(entry, secret, room, chain, encryptions):
    payload, earlier = read_payload(unhex(entry["payload"])), is_json(unhex(entry["payload"]))
    token, author = token_of(payload), None if earlier else entry["by"]
    encryption = encryptions[base64.urlsafe_b64decode(token).hex()]
    key = derive(secret, "message", room, payload["epoch"], author)
    check(key == unhex(encryption["key"]), "the message key")
    try:
        padded = Fernet(base64.urlsafe_b64encode(key)).decrypt(token)
    except InvalidToken:
        return check(False, "the token decrypts")
    check(padded == unhex(encryption["plaintext"]), "the content")
    check(base64.urlsafe_b64decode(token)[9:25] == unhex(encryption["iv"]), "the token's IV")
    if earlier:
        content = padded_json(padded)
        check(content["v"] == 1 and content["room"] == room.hex(), "the content's room")
        check(content["epoch"] == payload["epoch"] and content["author"] == entry["by"], "the content's epoch and author")
        check(content["body"]["kind"] == "text" and len(content["body"]["text"]) > 0, "the content's body")
    else:
        content = read_content(padded)
        check(len(padded) == padded_size(47 + content["size"]), "the padded size")
    check((content["counter"], content["previous"]) == (chain[0] + 1, chain[1]), "the author's chain")
    check(encryption["at"] == content["at"] // 1000, "the token's time")


class Recipients:
    """The recipients of epochs: members and invited users, each with the position from which they receive keys."""

    def __init__(self):
        self.since, self.answered = {}, 0

    def take(self, seq, entry, payload):
        """Applies an entry. Returns true when it changes the recipients."""
        kind = entry["type"]
        if kind in ("create", "join"):
            self.since[entry["by"]] = seq
        elif kind == "invite":
            self.since[payload["fingerprint"]] = seq
        elif kind == "renew-key":
            self.since[entry["by"]] = self.since.pop(sha256(unbase64url(payload["first"])).hex())
        elif kind in ("leave", "decline", "remove", "revoke"):
            del self.since[entry["by"] if kind in ("leave", "decline") else payload["fingerprint"]]
        return kind in ("create", "join", "decline", "invite", "leave", "remove", "revoke", "renew-key")

    def of(self, epoch):
        after = self.answered if epoch["kind"] == "step" else 0
        self.answered = epoch["answers"]
        return sorted(who for who, since in self.since.items() if since > after)


def check_room(examples):
    room, authority = unhex(examples["room"]), examples["authority"]
    keys = {person["fingerprint"]: person["key"] for person in examples["people"] + [authority]}
    create = examples["entries"][0]["entry"]
    check(create["type"] == "create" and sha256(unhex(create["payload"])) == room, "the room's id")
    history = read_payload(unhex(create["payload"]))["policy"]["history"]
    either_s = read_payload(unhex(create["payload"]))["v"] == 1
    log_hashes = {0: empty_log_hash(room)}
    check(log_hashes[0].hex() == examples["emptyLogHash"], "the log hash before the first entry")

    epochs = {epoch["seq"]: epoch for epoch in examples["epochs"]}
    encryptions = {encryption["token"]: encryption for encryption in examples["encryptions"]}
    chains, secret, previous, membership, recipients = {}, None, "0" * 64, 0, Recipients()
    for seq, example in enumerate(examples["entries"], 1):
        entry = example["entry"]
        payload = read_payload(unhex(entry["payload"]))
        check(example["seq"] == seq, "positions are without gaps")
        log_hashes[seq] = check_entry(example, room, keys[entry["by"]], log_hashes[seq - 1], either_s)
        if "head" in payload:
            head = payload["head"]
            check(head["seq"] < seq and log_hashes[head["seq"]].hex() == head["hash"], "the author view")
        if entry["type"] in ("create", "join"):
            check(payload["key"] == keys[entry["by"]], "the key of a new member")
            chains[entry["by"]] = (0, example["hash"])
        if entry["type"] == "renew-key":
            chains[entry["by"]] = chains.pop(sha256(unbase64url(payload["first"])).hex())
        if recipients.take(seq, entry, payload):
            membership = seq
        if entry["type"] == "epoch":
            check(payload["previous"] == previous and payload["answers"] == membership, "the epoch follows")
            slots = epochs[seq]["envelopes"] if payload["v"] == 1 else epochs[seq]["slots"]
            wrapped_to = [slot["to"] for slot in slots]
            blank = [slot["to"] for slot in slots if payload["v"] == 2 and slot["wrap"] is None]
            check(blank in ([], [entry["by"]]), "only the author needs no wrap")
            in_order = sorted(wrapped_to) if payload["v"] == 1 else wrapped_to
            check(in_order == recipients.of(payload), "the recipients of the epoch")
            handed_on = history == "all" and payload["number"] > 1 and payload["reason"] != "lost-key"
            check(("past" in payload) == handed_on, "the epochs that contain the secret of the epoch before")
            secret = check_epoch(epochs[seq], payload, secret, room, examples)
            previous = example["hash"]
        if entry["type"] == "message":
            chain = chains[entry["by"]]
            check_message(entry, secret, room, chain, encryptions)
            chains[entry["by"]] = (chain[0] + 1, example["hash"])

    check_links(examples)
    for derivation in examples["derivations"]:
        output = hkdf(unhex(derivation["secret"]), derivation["info"].encode())
        check(output.hex() == derivation["output"], f"HKDF for {derivation['info']}")


# Section 8: how members judge a log


def check_breaches(breaches, examples):
    """Checks that the room's own log has no breach, and that each of these items is one at its position."""
    room, me = unhex(examples["room"]), examples["people"][0]["fingerprint"]
    secrets = {epoch["number"]: unhex(epoch["secret"]) for epoch in examples["epochs"]}

    def read(count, stubs=0, others=0):
        judge = Judge(room, me, examples["authority"]["key"], examples["serverId"], secrets)
        for example in examples["entries"][:count]:
            check(judge.apply(example) == [], f"the {example['entry']['type']} entry is accepted")
        for seq in range(count + 1, count + stubs + 1):
            judge.apply({"seq": seq, "hashes": sha256(str(seq).encode()).hex()})
        judge.add_others(others)
        return judge

    whole = read(len(examples["entries"]))
    check(whole.shown.listed() == examples["shown"], f"what a member shows, not {whole.shown.listed()}")
    check(whole.caught_up(len(examples["entries"])) == [], "a complete log")
    check(whole.caught_up(len(examples["entries"]) - 1) == ["truncated"], "a truncated log")
    for breach in breaches:
        stubs, others, item = breach.get("stubs", 0), breach.get("others", 0), breach["item"]
        found = read(breach["after"], stubs, others).apply(item)
        check(found == [breach["violation"]], f"{breach['what']}: {breach['violation']}, not {found}")
        if stubs > 0:
            found = read(breach["after"], stubs - 1).apply({**item, "seq": item["seq"] - 1})
            check(found == [], f"{breach['what']}, one entry earlier: no violation, not {found}")
        if others > 0:
            found = read(breach["after"], stubs, others - 1).apply(item)
            check(found == [], f"{breach['what']}, with one member less: no violation, not {found}")


def check_gaps(example, room_example):
    """Checks what a reader reports to whom the server sends gaps in place of some entries."""
    what, room = example["what"], unhex(room_example["room"])
    me = next(person["fingerprint"] for person in room_example["people"] if person["user"] == example["reader"])
    secrets = {epoch["number"]: unhex(epoch["secret"]) for epoch in room_example["epochs"]}
    judge = Judge(room, me, room_example["authority"]["key"], room_example["serverId"], secrets, example["outbox"])
    sent, head = example["sent"], example["sent"] + example["later"]
    items = {entry["seq"]: entry for entry in room_example["entries"][:sent]}
    for seq in range(sent + 1, head + 1):
        items[seq] = {"seq": seq, "hash": sha256(str(seq).encode()).hex(), "type": "message", "cause": "damaged"}
    items.update({gap["seq"]: gap for gap in example["gaps"]})
    found = []
    for seq, item in items.items():
        found += [{"code": code, "seq": seq} for code in judge.apply(item)]
        if judge.stops_at is not None:
            break
    found += [{"code": code, "seq": judge.expired[-1]} for code in judge.caught_up(head)]
    check(found == example["violations"], f"{what}: the violations, not {found}")
    read = len(judge.log_hashes) - 1
    lost = [seq for each in example["lost"] for seq in range(each["first"], each["last"] + 1)]
    check(judge.lost == lost, f"{what}: the messages that the server has lost")
    check(judge.stops_at == example["stopsAt"], f"{what}: the entry at which the reader stays")
    check(example["head"] == {"seq": read, "hash": judge.log_hashes[read].hex()}, f"{what}: position and log hash")


folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
rooms = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ROOMS}
breaches, gaps, statements, frames, link_examples = (
    json.loads((folder / f"{name}.json").read_text("utf-8"))
    for name in ("breaches", "gaps", "statements", "frames", "links")
)
check_frames(frames)
check_link_examples(link_examples)
people = [person for room in rooms.values() for person in room["people"]]
check_statements(statements, next(person["key"] for person in people if person["user"] == "alice"))
for name, room in rooms.items():
    check_room(room)
    check_breaches(breaches.get(name, []), room)
for example in gaps:
    check_gaps(example, rooms["conversation"])
print(f"{checks} checks passed")
