"""Section 11 of docs/protocol.md: what a member shows of the messages that were read, and which changes count."""

MOST_REACTIONS = 256


class Shown:
    """The messages by entry hash, as later ones have changed them."""

    def __init__(self):
        self.messages = {}

    def take(self, seq, hash_of_entry, author, body):
        """Takes what a message says. `author` is the member who has signed it, at this position."""
        kind, user = body["kind"], author["user"]
        message = self.messages.get(body["target"][1]) if "target" in body else None
        if message is not None and message["seq"] != body["target"][0]:
            message = None
        if kind in ("text", "action", "reply", "file", "newer"):
            said = {"seq": seq, "user": user, "by": author["fingerprint"], "text": body.get("text", ""), "reactions": {}}
            said["action"] = True if kind == "action" else None
            said["replyTo"] = message["seq"] if message is not None else None
            said["newer"] = body.get("number")
            if "file" in body:
                said["file"] = {name: body["file"][name] for name in ("name", "type", "size", "blob")}
            self.messages[hash_of_entry] = said
        elif message is not None and "deletedBy" not in message:
            getattr(self, f"take_{kind}")(message, seq, author, body)

    def take_edit(self, message, seq, author, body):
        if self.is_own(message, author) and message["newer"] is None:
            message.update(text=body["text"], edited=seq)

    def take_delete(self, message, _seq, author, _body):
        if self.is_own(message, author):
            self.erase(message, author)

    def take_hide(self, message, _seq, author, _body):
        if author["role"] in ("owner", "moderator"):
            self.erase(message, author)

    def take_reaction(self, message, _seq, author, body):
        reactions = message["reactions"]
        if author["user"] in reactions or (body["text"] and len(reactions) < MOST_REACTIONS):
            reactions[author["user"]] = body["text"]

    def is_own(self, message, author):
        return message["by"] in (author["fingerprint"], *author["earlier"])

    def erase(self, message, author):
        seq, user, by = message["seq"], message["user"], message["by"]
        message.clear()
        message.update(seq=seq, user=user, by=by, text="", deletedBy=author["user"], reactions={})

    def listed(self):
        """Returns the messages as the examples have them, in the order of the log."""
        found = []
        for message in self.messages.values():
            names = ("seq", "user", "text", "action", "file", "replyTo", "newer", "edited", "deletedBy")
            listed = {name: message[name] for name in names if message.get(name) is not None}
            reactions = [[user, text] for user, text in message["reactions"].items() if text]
            found.append({**listed, "reactions": reactions} if reactions else listed)
        return found
