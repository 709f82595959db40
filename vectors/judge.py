"""Sections 8 and 11 of docs/protocol.md: the violations that a member reports who has read the log from its first entry."""
import base64

from cryptography.fernet import Fernet, InvalidToken

from computations import derive, domain_bytes, empty_log_hash, entry_domain, entry_hash, next_log_hash
from computations import compact, sha256, unbase64url, unhex, verifies
from encoding import is_json, padded_json, read_content, read_payload, token_of
from shown import Shown

FIELDS = {
    "create": "v type name author key policy nonce at",
    "invite": "v type room author user fingerprint key verified head at",
    "join": "v type room author key after at",
    "decline": "v type room author after at",
    "leave": "v type room author head at",
    "role": "v type room author user fingerprint role head at",
    "remove": "v type room author user fingerprint head at",
    "revoke": "v type room user fingerprint at",
    "epoch": "v type room author head number previous kind reason answers commitment wraps at",
    "message": "type epoch head token",
    "renew-key": "v type room author first renewals at",
}
RENEWAL_FIELDS, RENEWALS = set("number key madeAt signature proof".split()), 8
LATEST_VIEWS, LATEST_VIEWS_OF_MESSAGES = 512, 4096
# By the version of the latest epoch: after so many entries a fresh key is due, and none may be used any more.
FRESH_KEY_ENTRIES, LAST_KEY_ENTRIES = {1: 1000, 2: 250}, {1: 1100, 2: 4096}
KEPT_ENTRIES = 100
ROOM_MEMBERS = 5000


def parse(kind, data):
    """Returns the payload; None when it does not match this type."""
    payload = read_payload(data)
    if payload is None:
        return None
    earlier = {"v", "room"} if kind == "message" and is_json(data) else set()
    if kind == "message" and not is_json(data) and data[:1] != b"\1":
        return None
    optional = {"past"} if kind == "epoch" else earlier
    if not earlier <= set(payload):
        return None
    if set(payload) - optional != set(FIELDS[kind].split()):
        return None
    if len(payload.get("past", "")) > 400:
        return None
    if kind == "renew-key" and not are_renewals(payload["renewals"]):
        return None
    versions = (1, 2) if kind in ("create", "epoch") else (1,)
    return payload if payload.get("v", 1) in versions and payload["type"] == kind else None


def are_renewals(renewals):
    is_list = isinstance(renewals, list) and 1 <= len(renewals) <= RENEWALS
    return is_list and all(isinstance(each, dict) and set(each) == RENEWAL_FIELDS for each in renewals)


class Judge:
    """Applies the entries of a log. Each method returns the codes of the violations that the member reports."""

    def __init__(self, room, me, authority, server_id, secrets, outbox=None):
        self.room, self.me, self.secrets, self.outbox, self.server_id = room, me, secrets, outbox, server_id
        self.authorities, self.authority_from = [authority], 0
        self.policy, self.either_s, self.members, self.invited, self.chains = None, False, {}, {}, {}
        self.left, self.removed, self.revoked = {}, {}, set()
        self.membership = self.removal = 0
        self.epoch, self.fresh = None, 0
        self.log_hashes = [empty_log_hash(room)]
        self.lost, self.expired, self.stops_at = [], [], None
        self.shown = Shown()

    def apply(self, item):
        seq = len(self.log_hashes)
        if item["seq"] != seq:
            return ["out-of-order"]
        if "cause" in item:
            return self.pass_gap(item)
        if "entry" not in item:
            hashes = unhex(item["hashes"])
            for start in range(0, len(hashes), 32):
                position, hash_of_entry = len(self.log_hashes), hashes[start : start + 32]
                self.log_hashes.append(next_log_hash(self.log_hashes[-1], position, hash_of_entry, "message"))
            return ["withheld"] * (len(hashes) // 32) if self.me in self.members else []
        entry = item["entry"]
        hash_of_entry = entry_hash(entry)
        self.log_hashes.append(next_log_hash(self.log_hashes[-1], seq, hash_of_entry, entry["type"]))
        return self.judge(seq, entry, hash_of_entry.hex())

    def judge(self, seq, entry, hash_of_entry):
        kind, by = entry["type"], entry["by"]
        if self.policy is None and kind != "create":
            return ["wrong-create"]
        if kind == "decline" and by not in self.invited:
            return ["not-invited"]
        if kind not in ("create", "join", "decline", "revoke", "renew-key") and by not in self.members:
            return ["not-a-member"]
        payload = parse(kind, unhex(entry["payload"]))
        if payload is None:
            return ["malformed"]
        key = self.key_of(kind, by, payload)
        signed = domain_bytes(entry_domain(kind, self.room), unhex(entry["payload"]))
        either_s = payload["v"] == 1 if kind == "create" else self.either_s
        if sha256(unbase64url(key)).hex() != by or not verifies(key, entry["signature"], signed, either_s):
            return ["bad-signature"]
        if kind == "create" and sha256(unhex(entry["payload"])) != self.room:
            return ["wrong-create"]
        if kind != "create" and payload.get("room", self.room.hex()) != self.room.hex():
            return ["bad-signature"]
        if kind in ("epoch", "invite", "role", "remove") and payload["author"] != self.members[by]["user"]:
            return ["bad-signature"]
        unseen = self.view_breach(kind, seq, payload["head"]) if "head" in payload else []
        if unseen and kind in ("invite", "role", "epoch"):
            return unseen
        return unseen + getattr(self, f"take_{kind.replace('-', '_')}")(seq, by, payload, hash_of_entry)

    def key_of(self, kind, by, payload):
        if kind in ("create", "join"):
            return payload["key"]
        if kind == "renew-key":
            return payload["renewals"][-1]["key"]
        if kind == "decline":
            return self.invited[by]["key"]
        if kind == "revoke":
            known = self.authorities[self.authority_from:]
            return next((key for key in known if sha256(unbase64url(key)).hex() == by), known[0])
        return self.members[by]["key"]

    def view_breach(self, kind, seq, head):
        if head["seq"] >= seq:
            return ["fork"]
        if head["seq"] < seq - (LATEST_VIEWS_OF_MESSAGES if kind == "message" else LATEST_VIEWS):
            return ["stale-view"]
        return [] if self.log_hashes[head["seq"]].hex() == head["hash"] else ["fork"]

    # Joining

    def known(self, people, user, key):
        """Returns true when one of these users has the user name or the key."""
        return key in people or any(person["user"] == user for person in people.values())

    def enter(self, seq, by, payload, hash_of_entry, role):
        place = {"joined": seq, "role": role, "role_seq": seq, "earlier": []}
        self.members[by] = {"user": payload["author"], "key": payload["key"], **place}
        self.invited.pop(by, None)
        self.chains[by] = (0, hash_of_entry)
        self.membership = seq

    def full(self):
        return len(self.members) + len(self.invited) >= ROOM_MEMBERS

    def add_others(self, count):
        """Adds members whom nothing else names."""
        for index in range(count):
            who = sha256(f"other {index}".encode()).hex()
            self.members[who] = {"user": f"other-{index}", "key": "", "joined": 1, "role": "member", "role_seq": 1}

    def take_create(self, seq, by, payload, hash_of_entry):
        if seq != 1:
            return ["wrong-create"]
        self.policy, self.either_s = payload["policy"], payload["v"] == 1
        self.enter(seq, by, payload, hash_of_entry, "owner")
        return []

    def take_invite(self, seq, by, payload, _):
        user, who, inviter = payload["user"], payload["fingerprint"], self.members[by]
        if sha256(unbase64url(payload["key"])).hex() != who:
            return ["bad-signature"]
        if self.known(self.members, user, who) or self.known(self.invited, user, who):
            return ["already-a-member"]
        if self.known(self.removed, user, who):
            return ["removed"]
        if who in self.revoked:
            return ["revoked"]
        if self.policy["join"] == "verified" and payload["verified"] is not True:
            return ["not-allowed"]
        if self.policy["join"] == "direct" and len(self.members) + len(self.invited) >= 2:
            return ["not-allowed"]
        if payload["head"]["seq"] < max(inviter["role_seq"], self.left.get(who, 0)):
            return ["replayed"]
        if self.full():
            return ["room-full"]
        self.invited[who] = {"user": user, "key": payload["key"], "by": by, "seq": seq}
        self.membership = seq
        return []

    def take_join(self, seq, by, payload, hash_of_entry):
        user = payload["author"]
        if self.known(self.members, user, by):
            return ["already-a-member"]
        if self.known(self.removed, user, by):
            return ["removed"]
        if by in self.revoked:
            return ["revoked"]
        if self.policy["join"] != "open" or self.known(self.invited, user, by):
            invitation = self.invited.get(by)
            if invitation is None or invitation["user"] != user:
                return ["not-invited"]
        if payload["after"] < self.left.get(by, 0) or payload["after"] >= seq:
            return ["replayed"]
        if by not in self.invited and self.full():
            return ["room-full"]
        self.enter(seq, by, payload, hash_of_entry, "member")
        return []

    # Departures

    def depart(self, seq, who):
        self.members.pop(who, None)
        self.chains.pop(who, None)
        self.invited.pop(who, None)
        self.left[who] = self.membership = self.removal = seq
        if self.members and all(member["role"] != "owner" for member in self.members.values()):
            moderators = [member for member in self.members.values() if member["role"] == "moderator"]
            successor = min(moderators or self.members.values(), key=lambda member: member["joined"])
            successor.update(role="owner", role_seq=seq)

    def take_leave(self, seq, by, payload, _):
        if payload["author"] != self.members[by]["user"]:
            return ["not-a-member"]
        if payload["head"]["seq"] < self.members[by]["joined"]:
            return ["replayed"]
        self.depart(seq, by)
        return []

    def take_decline(self, seq, by, payload, _):
        if payload["author"] != self.invited[by]["user"]:
            return ["not-invited"]
        if payload["after"] < self.invited[by]["seq"] or payload["after"] >= seq:
            return ["replayed"]
        self.depart(seq, by)
        return []

    def take_revoke(self, seq, by, payload, _):
        who = payload["fingerprint"]
        if who in self.revoked:
            return ["replayed"]
        signers = [sha256(unbase64url(key)).hex() for key in self.authorities]
        self.authority_from = signers.index(by)
        self.revoked.add(who)
        if who in self.members or who in self.invited:
            self.depart(seq, who)
        return []

    # Renewals

    def chain_holds(self, payload):
        """Returns true when both keys have signed each renewal for this user at this server."""
        domain = {"protocol": "chat/1", "purpose": "renew-key", "context": self.server_id}
        keys = [payload["first"], *(renewal["key"] for renewal in payload["renewals"])]
        first = payload["renewals"][0]["number"]
        for at, renewal in enumerate(payload["renewals"]):
            previous = sha256(unbase64url(keys[at])).hex()
            fields = {"user": payload["author"], "number": first + at, "previous": previous}
            data = domain_bytes(domain, compact({**fields, "key": renewal["key"], "madeAt": renewal["madeAt"]}).encode())
            signed = verifies(keys[at], renewal["signature"], data) and verifies(keys[at + 1], renewal["proof"], data)
            if renewal["number"] != first + at or not signed:
                return False
        return len(set(keys)) == len(keys)

    def take_renew_key(self, seq, by, payload, _):
        user = payload["author"]
        people = next((each for each in (self.members, self.invited) if self.known(each, user, None)), None)
        if people is None:
            return ["unknown-member"]
        before = next(who for who, person in people.items() if person["user"] == user)
        if by in self.members or by in self.invited:
            return ["already-a-member"]
        if by in self.revoked:
            return ["revoked"]
        if self.known(self.removed, user, by):
            return ["removed"]
        renewed = [payload["first"], *(renewal["key"] for renewal in payload["renewals"][:-1])]
        if people[before]["key"] not in renewed or not self.chain_holds(payload):
            return ["bad-signature"]
        people[by] = {**people.pop(before), "key": payload["renewals"][-1]["key"]}
        people[by]["earlier"] = [*people[by].get("earlier", []), before]
        for invitation in self.invited.values():
            invitation["by"] = by if invitation["by"] == before else invitation["by"]
        if before in self.chains:
            self.chains[by] = self.chains.pop(before)
        self.me = by if self.me == before else self.me
        self.left[before] = self.membership = self.removal = seq
        return []

    # Decisions

    def concerned(self, by, payload):
        """Returns the author and the target, or the code of the violation."""
        author, person = self.members[by], self.members.get(payload["fingerprint"])
        if person is None or person["user"] != payload["user"]:
            return "unknown-member"
        seen = payload["head"]["seq"] >= max(author["role_seq"], person["role_seq"])
        return (author, person) if seen else "replayed"

    def take_remove(self, seq, by, payload, _):
        if payload["fingerprint"] in self.invited:
            return self.withdraw(seq, by, payload)
        found = self.concerned(by, payload)
        if isinstance(found, str):
            return [found]
        author, person = found
        if (author["role"], person["role"]) not in [("owner", "moderator"), ("owner", "member"), ("moderator", "member")]:
            return ["not-allowed"]
        self.depart(seq, payload["fingerprint"])
        self.removed[payload["fingerprint"]] = {"user": person["user"], "seq": seq}
        return []

    def withdraw(self, seq, by, payload):
        author, invitation = self.members[by], self.invited[payload["fingerprint"]]
        if invitation["user"] != payload["user"]:
            return ["unknown-member"]
        if payload["head"]["seq"] < max(author["role_seq"], invitation["seq"]):
            return ["replayed"]
        if author["role"] == "member" and invitation["by"] != by:
            return ["not-allowed"]
        self.depart(seq, payload["fingerprint"])
        return []

    def take_role(self, seq, by, payload, _):
        who = payload["fingerprint"]
        if who in self.removed:
            return self.readmit(self.members[by], self.removed[who], payload)
        found = self.concerned(by, payload)
        if isinstance(found, str):
            return [found]
        author, person = found
        if author["role"] != "owner" or person["role"] == "owner":
            return ["not-allowed"]
        person.update(role=payload["role"], role_seq=seq)
        if payload["role"] == "owner":
            author.update(role="moderator", role_seq=seq)
        return []

    def readmit(self, author, removal, payload):
        if removal["user"] != payload["user"] or payload["role"] != "member":
            return ["unknown-member"]
        if payload["head"]["seq"] < max(author["role_seq"], removal["seq"]):
            return ["replayed"]
        if author["role"] == "member":
            return ["not-allowed"]
        del self.removed[payload["fingerprint"]]
        return []

    # Epochs and messages

    def removal_pending(self):
        return self.epoch is not None and self.removal > self.epoch["answers"]

    def epoch_follows(self, payload):
        before = self.epoch or {"v": payload["v"], "number": 0, "hash": "0" * 64, "answers": 0}
        in_order = before["v"] == payload["v"] or (payload["v"] == 2 and payload["kind"] == "fresh")
        changed = before["answers"] < self.membership
        may_step = self.epoch is not None and changed and not self.removal_pending()
        may_have_past = self.epoch is not None and self.policy["history"] == "all"
        return (
            in_order
            and payload["number"] == before["number"] + 1
            and payload["previous"] == before["hash"]
            and payload["answers"] == self.membership
            and (payload["reason"] == "membership") == changed
            and (payload["kind"] == "fresh" or may_step)
            and ("past" not in payload or may_have_past)
        )

    def needless(self, payload):
        used, reason = payload["head"]["seq"] - self.fresh, payload["reason"]
        version = payload["v"] if self.epoch is None else self.epoch["v"]
        replaced = version == 1 and payload["v"] == 2
        return (reason == "count" and used < FRESH_KEY_ENTRIES[version]) or (reason == "age" and used <= 0 and not replaced)

    def take_epoch(self, seq, _by, payload, hash_of_entry):
        if not self.epoch_follows(payload):
            return ["wrong-epoch"]
        found = ["needless-key"] if self.needless(payload) else []
        self.fresh = seq if payload["kind"] == "fresh" else self.fresh
        number = payload["number"]
        self.epoch = {"v": payload["v"], "number": number, "hash": hash_of_entry, "answers": payload["answers"]}
        stepped = payload["kind"] == "step"
        secret = derive(self.secrets[number - 1], "step", self.room, number) if stepped else self.secrets[number]
        right = derive(secret, "commitment", self.room, number).hex() == payload["commitment"]
        return found if right else [*found, "wrong-key"]

    def take_message(self, seq, by, payload, hash_of_entry):
        if self.epoch is None or payload["epoch"] != self.epoch["number"] or self.removal_pending():
            return ["stale-key"]
        overused = ["overused-key"] if payload["head"]["seq"] - self.fresh >= LAST_KEY_ENTRIES[self.epoch["v"]] else []
        return overused + self.read_message(seq, by, payload, hash_of_entry)

    def read_message(self, seq, by, payload, hash_of_entry):
        try:
            content = self.open(payload, by)
        except (InvalidToken, ValueError):
            return ["damaged"]
        if content["counter"] > seq:
            return ["damaged"]
        before = self.chains.get(by)
        if before is not None and content["counter"] <= before[0]:
            return ["replayed"]
        follows = before is None or (content["counter"], content["previous"]) == (before[0] + 1, before[1])
        self.chains[by] = (content["counter"], hash_of_entry)
        self.shown.take(seq, hash_of_entry, {**self.members[by], "fingerprint": by}, content["body"])
        return [] if follows else ["missing-messages"]

    def open(self, payload, by):
        """Returns the content of a message. Raises InvalidToken or ValueError when it is not one of this place."""
        earlier, number = "room" in payload, payload["epoch"]
        key = derive(self.secrets[number], "message", self.room, number, None if earlier else by)
        data = Fernet(base64.urlsafe_b64encode(key)).decrypt(token_of(payload))
        if not earlier:
            return read_content(data)
        content = padded_json(data)
        if (content["room"], content["epoch"], content["author"]) != (self.room.hex(), number, by):
            raise ValueError("another place")
        return content

    # Reports of the server

    def pass_gap(self, item):
        seq, hash_of_entry = item["seq"], item["hash"]
        if item["type"] != "message":
            self.stops_at = seq
            return ["withheld"] if item["cause"] == "expired" else []
        self.log_hashes.append(next_log_hash(self.log_hashes[-1], seq, unhex(hash_of_entry), "message"))
        self.chains = {who: chain for who, chain in self.chains.items() if who == self.me}
        if self.me not in self.members:
            return []
        self.lost.append(seq)
        if item["cause"] == "expired":
            self.expired.append(seq)
        if hash_of_entry == self.outbox:
            self.chains[self.me] = (self.chains[self.me][0] + 1, hash_of_entry)
        return []

    def caught_up(self, head):
        if self.stops_at is None and head < len(self.log_hashes) - 1:
            return ["truncated"]
        return ["withheld" for seq in self.expired[-1:] if seq > head - KEPT_ENTRIES]
