"""The server's side of NTLMv2 (MS-NLMP): challenge, and whether a response proves the password."""

import hashlib
import hmac
import os
import struct
import time

from .accounts import DOMAIN
from .md4 import md4

_SIGNATURE = b"NTLMSSP\0"
_UNICODE, _TARGET, _NTLM, _ALWAYS_SIGN, _EXTENDED = 0x1, 0x4, 0x200, 0x8000, 0x80000
_TARGET_INFO, _TARGET_DOMAIN, _VERSION, _128, _KEY_EXCHANGE, _56 = 0x800000, 0x10000, 0x2000000, 0x20000000, 0x40000000, \
    0x80000000
_AV_END, _AV_COMPUTER, _AV_DOMAIN, _AV_DNS_COMPUTER, _AV_DNS_DOMAIN, _AV_FLAGS, _AV_TIME, _AV_BINDINGS = \
    0, 1, 2, 3, 4, 6, 7, 10


class NtlmHandshake:
    """certificate: the server's in DER when the connection is of TLS; what a client binds to must be it, and
    with `must_bind` it must bind to it (extended protection "required"; Exchange's EWS "allows" it)."""

    def __init__(self, certificate=None, must_bind=False):
        self._certificate = certificate
        self._must_bind = must_bind
        self._server_challenge = os.urandom(8)
        self._first = self._second = b""

    @staticmethod
    def kind(message):
        """1, 2 or 3; ValueError when it is no message of NTLM."""
        if len(message) < 12 or not message.startswith(_SIGNATURE):
            raise ValueError("not NTLM")
        return struct.unpack_from("<I", message, 8)[0]

    def challenge(self, first):
        if self.kind(first) != 1:
            raise ValueError("a NEGOTIATE_MESSAGE was expected")
        wanted, = struct.unpack_from("<I", first.ljust(16, b"\0"), 12)
        flags = (_UNICODE | _TARGET | _NTLM | _ALWAYS_SIGN | _EXTENDED | _TARGET_INFO | _TARGET_DOMAIN | _VERSION
                 | (wanted & (_128 | _56 | _KEY_EXCHANGE | 0x10)))
        name = DOMAIN.encode("utf-16-le")
        info = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in (
            (_AV_DOMAIN, name), (_AV_COMPUTER, "EXCHANGE".encode("utf-16-le")),
            (_AV_DNS_DOMAIN, "example.com".encode("utf-16-le")),
            (_AV_DNS_COMPUTER, "exchange.example.com".encode("utf-16-le")),
            (_AV_TIME, struct.pack("<Q", int((time.time() + 11644473600) * 10**7))), (_AV_END, b"")))
        start = 56
        self._first = first
        self._second = (_SIGNATURE + struct.pack("<IHHIIQQHHIQ", 2, len(name), len(name), start, flags,
                                                 int.from_bytes(self._server_challenge, "little"), 0,
                                                 len(info), len(info), start + len(name),
                                                 int.from_bytes(b"\x0a\x00\x7c\x4f\x00\x00\x00\x0f", "little"))
                        + name + info)
        return self._second

    def verify(self, third, account_named):
        """(account or None, whether the response proves its password)."""
        if self.kind(third) != 3 or len(third) < 64:
            raise ValueError("an AUTHENTICATE_MESSAGE was expected")
        lm, nt, domain, user = (self._field(third, at) for at in (12, 20, 28, 36))
        flags, = struct.unpack_from("<I", third, 60)
        encoding = "utf-16-le" if flags & _UNICODE else "latin-1"
        user, domain = user.decode(encoding), domain.decode(encoding)
        account = account_named(user, domain)
        # NTLMv1's response has 24 bytes; servers of today refuse it.
        if account is None or len(nt) < 44:
            return account, False
        key = _mac(md4(account.password.encode("utf-16-le")), (user.upper() + domain).encode("utf-16-le"))
        proof, blob = nt[:16], nt[16:]
        if not hmac.compare_digest(proof, _mac(key, self._server_challenge + blob)):
            return account, False
        pairs = _pairs(blob[28:])
        if pairs.get(_AV_FLAGS, b"\0")[0] & 2 and not self._is_whole(third, flags, _mac(key, proof)):
            return account, False
        return account, self._is_bound(pairs.get(_AV_BINDINGS, bytes(16)))

    @staticmethod
    def _field(message, at):
        length, _, start = struct.unpack_from("<HHI", message, at)
        if start + length > len(message):
            raise ValueError("a field lies outside of its message")
        return message[start:start + length]

    def _is_whole(self, third, flags, session_key):
        """The message integrity code over all three messages (MS-NLMP 3.1.5.1.2)."""
        if flags & _KEY_EXCHANGE:
            session_key = _rc4(session_key, self._field(third, 52))
        sent, zeroed = third[72:88], third[:72] + bytes(16) + third[88:]
        return hmac.compare_digest(sent, _mac(session_key, self._first + self._second + zeroed))

    def _is_bound(self, bindings):
        """Another server's certificate is refused (RFC 5929 section 4)."""
        if self._certificate is None or bindings == bytes(16):
            return self._certificate is None or not self._must_bind
        data = b"tls-server-end-point:" + hashlib.sha256(self._certificate).digest()
        return hmac.compare_digest(bindings, hashlib.md5(bytes(16) + struct.pack("<I", len(data)) + data).digest())


def _pairs(content):
    found = {}
    while len(content) >= 4:
        kind, length = struct.unpack_from("<HH", content)
        if kind == _AV_END:
            break
        found[kind] = content[4:4 + length]
        content = content[4 + length:]
    return found


def _mac(key, content):
    return hmac.new(key, content, hashlib.md5).digest()


def _rc4(key, content):
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)
