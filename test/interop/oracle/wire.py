"""Bytes as docs/protocol.md lays them out ("Notation and primitives")."""

from primitives import Refused

ED25519, X25519, ML_KEM = 1, 2, 3
KEY_BYTES = {ED25519: 32, X25519: 32, ML_KEM: 1184}
MAX_U64 = 2**53 - 1
DAY_MS = 86_400_000


def u8(n):
    return n.to_bytes(1, "big")


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def prefixed(data):
    return u16(len(data)) + data


def key(kind, public):
    return u8(kind) + public


def day(ms):
    return min(65_535, max(0, ms // DAY_MS))


def epoch(ms):
    return max(0, ms // 1000 // 604_800)


class Reader:
    """Reads fields one after the other; what is missing or left over is refused with one reason."""

    def __init__(self, data, reason="malformed"):
        self.data = data
        self.at = 0
        self.reason = reason

    def refuse(self):
        raise Refused(self.reason)

    def take(self, length):
        if self.at + length > len(self.data):
            self.refuse()
        self.at += length
        return self.data[self.at - length:self.at]

    def integer(self, length):
        value = int.from_bytes(self.take(length), "big")
        if value > MAX_U64:
            self.refuse()
        return value

    def u8(self):
        return self.integer(1)

    def u16(self):
        return self.integer(2)

    def u32(self):
        return self.integer(4)

    def u64(self):
        return self.integer(8)

    def prefixed(self):
        return self.take(self.u16())

    def key(self, kind):
        if self.u8() != kind:
            self.refuse()
        return self.take(KEY_BYTES[kind])

    def text(self):
        try:
            return self.prefixed().decode("utf-8")
        except UnicodeDecodeError:
            return self.refuse()

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        if self.at != len(self.data):
            self.refuse()
