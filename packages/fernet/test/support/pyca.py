"""Runs python3-cryptography for the interoperability test: JSON on stdin, JSON on stdout."""

import json
import sys
from base64 import b64decode, b64encode

from cryptography.fernet import Fernet, InvalidToken


def opened(fernet, case):
    """Returns the plaintext in base64, or None if the token is refused."""
    try:
        if case["ttl"] is None:
            data = fernet.decrypt(case["token"].encode())
        else:
            data = fernet.decrypt_at_time(case["token"].encode(), case["ttl"], case["now"])
    except InvalidToken:
        return None
    return b64encode(data).decode()


def stamped(fernet, case):
    """Returns the timestamp, or None if the token is refused."""
    try:
        return fernet.extract_timestamp(case["token"].encode())
    except InvalidToken:
        return None


def answer(job):
    fernet = Fernet(job["key"])
    made = [
        fernet.encrypt_at_time(b64decode(data["bytes"]), data["now"]).decode()
        for data in job["encrypt"]
    ]
    return {
        "made": made,
        "opened": [opened(fernet, case) for case in job["decrypt"]],
        "stamped": [stamped(fernet, case) for case in job["decrypt"]],
    }


json.dump([answer(job) for job in json.load(sys.stdin)], sys.stdout)
