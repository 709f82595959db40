"""Sections 1, 4, 7 and 11 of docs/protocol.md: objects, frames, payloads and contents as bytes."""
import base64
import json
import re
import unicodedata

from computations import unbase64url

LARGEST_FRAME = 65536
DEEPEST, LONGEST_KEY = 32, 31
TYPES = "create invite join decline leave role remove revoke epoch message".split()


# Section 1: deterministic CBOR


def is_hex(text):
    return re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", text) is not None


def is_base64url(text):
    if re.fullmatch(r"[A-Za-z0-9_-]{43,}", text) is None:
        return False
    try:
        unbase64url(text)
        return True
    except ValueError:
        return False


class Reader:
    """Reads values from bytes, strictly. Raises ValueError for everything that is not deterministic."""

    def __init__(self, data):
        self.data, self.at, self.depth = data, 0, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("too short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def end(self):
        if self.at != len(self.data):
            raise ValueError("too long")

    def argument(self, minor):
        if minor < 24:
            return minor
        if minor > 27:
            raise ValueError("an indefinite length, or no such argument")
        value = self.number(1 << (minor - 24))
        if value < (24 if minor == 24 else 1 << (8 << (minor - 25))):
            raise ValueError("not the shortest form")
        return value

    def value(self):
        head = self.number(1)
        major, minor = head >> 5, head & 31
        if major == 7:
            if minor not in (20, 21, 22):
                raise ValueError("no such value")
            return {20: False, 21: True, 22: None}[minor]
        argument = self.argument(minor)
        if major in (0, 1):
            if argument > 2**53 - 1:
                raise ValueError("too large")
            return argument if major == 0 else -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            text = self.take(argument).decode()
            if is_hex(text) or is_base64url(text):
                raise ValueError("a text that must have a tag")
            return text
        if major == 6:
            return self.tagged(argument)
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("too deep")
        value = [self.value() for _ in range(argument)] if major == 4 else self.map(argument)
        self.depth -= 1
        return value

    def map(self, size):
        fields, before = {}, b""
        for _ in range(size):
            start = self.at
            key, encoded = self.value(), self.data[start : self.at]
            if not isinstance(key, str) or len(key.encode()) > LONGEST_KEY or encoded <= before:
                raise ValueError("a key that is no text, or not in its place")
            fields[key], before = self.value(), encoded
        return fields

    def tagged(self, tag):
        data = self.value()
        if tag not in (21, 23) or not isinstance(data, bytes):
            raise ValueError("no such tag")
        text = data.hex() if tag == 23 else base64.urlsafe_b64encode(data).decode().rstrip("=")
        if is_hex(text) != (tag == 23) or (tag == 21 and not is_base64url(text)):
            raise ValueError("a text that must not have this tag")
        return text


def read_object(data):
    """Returns the object that these bytes encode. Raises ValueError when they encode none."""
    reader = Reader(data)
    value = reader.value()
    reader.end()
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


# Section 4: frames


def read_entry(reader):
    kind, by, length = reader.number(1), reader.take(32).hex(), reader.number(1)
    if kind >= len(TYPES) or not 1 <= length <= 120:
        raise ValueError("no entry")
    signature = reader.take(length)
    payload = reader.take(len(reader.data) - reader.at)
    return {"type": TYPES[kind], "by": by, "signature": signature, "payload": payload}


def read_position(reader):
    seq = reader.number(6)
    if seq == 0:
        raise ValueError("positions count from 1")
    return seq


def read_hashes(reader):
    length = len(reader.data) - reader.at
    if length == 0 or length % 32 != 0:
        raise ValueError("no whole hashes")
    return reader.take(length)


def read_body(kind, body, rooms):
    """Returns the frame with this body; None when it gives a room a number."""
    reader = Reader(body)
    if kind == 1:
        return read_object(body)
    if kind == 2:
        fields = {"id": reader.number(4), "op": "append", "room": reader.take(32).hex(), "cid": reader.take(16).hex()}
        return {**fields, "entry": read_entry(reader)}
    if kind == 3:
        answer = {"re": reader.number(4), "ok": {"seq": read_position(reader), "at": reader.number(6)}}
    elif kind == 4:
        push = {"push": "entry", "room": rooms[reader.number(4)], "seq": read_position(reader), "at": reader.number(6)}
        answer = {**push, "entry": read_entry(reader)}
    elif kind == 5:
        push = {"push": "stubs", "room": rooms[reader.number(4)], "seq": read_position(reader)}
        answer = {**push, "hashes": read_hashes(reader)}
    elif kind == 7:
        place = {"room": rooms[reader.number(4)], "number": reader.number(4)}
        answer = {"push": "wrap", **place, "wrap": reader.take(len(reader.data) - reader.at)}
    elif kind == 6:
        number = reader.number(4)
        rooms[number], answer = reader.take(32).hex(), None
    else:
        raise ValueError("no such kind")
    reader.end()
    return answer


def read_frames(data):
    """Returns the frames in a stream, or the code with which the connection ends."""
    frames, rooms, reader = [], {}, Reader(data)
    while reader.at < len(data):
        if data[reader.at : reader.at + 1] == b"{":
            return "unsupported-version"
        length = reader.number(4)
        if 4 + length > LARGEST_FRAME:
            return "frame-too-long"
        try:
            body = reader.take(length)
            frame = read_body(body[0], body[1:], rooms)
        except (ValueError, KeyError, IndexError):
            return "malformed-frame"
        if frame is not None:
            frames.append(frame)
    return frames


# Sections 7 and 11: payloads and contents


def is_json(payload):
    return payload[:1] == b"{"


def read_payload(payload):
    """Returns the fields of a payload; None when it has none of the forms. Those of a `message` have its type, too."""
    try:
        if is_json(payload):
            fields = json.loads(payload.decode())
            return fields if isinstance(fields, dict) else None
        if payload[:1] != b"\1":
            return read_object(payload)
        reader = Reader(payload)
        _, epoch, seq, log_hash = reader.number(1), reader.number(4), reader.number(6), reader.take(32).hex()
        token = reader.take(len(payload) - reader.at)
        if 0 in (epoch, seq, len(token)):
            return None
        return {"type": "message", "epoch": epoch, "head": {"seq": seq, "hash": log_hash}, "token": token}
    except ValueError:
        return None


def token_of(fields):
    """Returns the token as text, as Fernet specifies it."""
    token = fields["token"]
    return base64.urlsafe_b64encode(token) if isinstance(token, bytes) else token.encode()


def padded_size(size):
    bucket = 256
    while bucket - 1 < size:
        bucket *= 2
    return bucket - 1


KINDS = {1: "text", 2: "reply", 3: "edit", 4: "delete", 5: "reaction", 6: "action", 7: "hide", 8: "file"}
WITH_TARGET = ("reply", "edit", "delete", "reaction", "hide")
LONGEST_TEXT = 16384
TEXT_SIZES = {"delete": (0, 0), "hide": (0, 0), "reaction": (0, 64), "file": (0, LONGEST_TEXT)}
LARGEST_FILE = 1 << 30
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def read_file(reader):
    """Returns what a message says of a file. Raises ValueError when these bytes say nothing of one."""
    if reader.number(1) != 1:
        raise ValueError("no such form of a file")
    file = {"blob": reader.take(16).hex(), "key": reader.take(32), "hash": reader.take(32).hex(), "size": reader.number(6)}
    file["name"], file["type"] = (reader.take(reader.number(1)).decode() for _ in range(2))
    controls = any(unicodedata.category(each) == "Cc" for each in file["name"])
    if file["name"] in ("", ".", "..") or controls or set(file["name"]) & {"/", "\\"}:
        raise ValueError("no name of a file")
    if file["size"] > LARGEST_FILE or len(file["type"]) > 127 or not MEDIA_TYPE.fullmatch(file["type"]):
        raise ValueError("no size or no media type")
    return file


def read_said(number, data):
    """Returns what a message says. Raises ValueError when these bytes are no body of the kind."""
    if number not in KINDS:
        return {"kind": "newer", "number": number}
    reader, body = Reader(data), {"kind": KINDS[number]}
    if body["kind"] in WITH_TARGET:
        body["target"] = (reader.number(6), reader.take(32).hex())
        if body["target"][0] == 0:
            raise ValueError("no position")
    if body["kind"] == "file":
        body["file"] = read_file(reader)
    text = reader.take(len(data) - reader.at)
    least, most = TEXT_SIZES.get(body["kind"], (1, LONGEST_TEXT))
    if not least <= len(text) <= most:
        raise ValueError("no text of this size")
    return {**body, "text": text.decode()}


def read_content(data):
    """Returns the content of a message. Raises ValueError when these bytes encode none."""
    reader = Reader(data)
    if reader.take(1) != b"\1":
        raise ValueError("no such form")
    number = reader.number(1)
    counter, previous, at = reader.number(6), reader.take(32).hex(), reader.number(6)
    rest = reader.take(len(data) - reader.at).rstrip(b"\0")
    if counter == 0 or rest[-1:] != b"\x80":
        raise ValueError("no content")
    if len(data) != padded_size(46 + len(rest)):
        raise ValueError("not the least size")
    chain = {"counter": counter, "previous": previous, "at": at, "size": len(rest) - 1}
    return {**chain, "body": read_said(number, rest[:-1])}


def padded_json(data):
    """Returns the content of a message of the earlier form."""
    content = json.loads(data.decode())
    if not isinstance(content, dict):
        raise ValueError("no content")
    return content
