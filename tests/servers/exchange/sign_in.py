"""Signing in by HTTP: Basic, NTLM, Negotiate, Bearer, or nobody is asked."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from .ntlm import NtlmHandshake


@dataclass
class SignedIn:
    account: object
    mechanism: str
    # A header of the answer, such as the last token of Kerberos.
    answer: str | None = None


@dataclass
class Challenge:
    """401 with these WWW-Authenticate fields."""

    fields: list


@dataclass
class Memory:
    """What the server knows of one TCP connection."""

    number: int
    certificate: bytes | None = None  # in DER, of TLS
    ntlm: NtlmHandshake | None = None
    user: SignedIn | None = None


class Door:
    """mechanisms: of "ntlm", "negotiate", "basic", "bearer", or none of them for a server that asks nobody.

    anonymous: the address of the account as which everybody acts then
    tokens: access token -> address, for "bearer"
    must_bind: see NtlmHandshake
    acceptor: for Kerberos, see kerberos_acceptor.py
    """

    def __init__(self, accounts, mechanisms, anonymous=None, acceptor=None, must_bind=False):
        self._accounts = accounts
        self.mechanisms = list(mechanisms)
        self.anonymous = anonymous
        self.acceptor = acceptor
        self._must_bind = must_bind
        self.tokens = {}
        self.log = []  # (address, mechanism, whether it succeeded)

    def enter(self, memory, authorization):
        """SignedIn or Challenge."""
        if not self.mechanisms:
            return SignedIn(self._accounts.of(self.anonymous), "none") if self.anonymous else self.challenge()
        if not authorization:
            # NTLM and Kerberos are of the connection, as IIS has it by default.
            return memory.user or self.challenge()
        scheme, _, token = authorization.partition(" ")
        known = {"basic": self._basic, "bearer": self._bearer, "ntlm": self._ntlm, "negotiate": self._negotiate}
        scheme = scheme.lower()
        if scheme not in self.mechanisms:
            return self.challenge()
        return known[scheme](memory, token.strip())

    def challenge(self):
        fields = {"negotiate": "Negotiate", "ntlm": "NTLM", "basic": 'Basic realm="localhost"',
                  "bearer": 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers=""'}
        return Challenge([fields[name] for name in ("negotiate", "ntlm", "basic", "bearer") if name in self.mechanisms])

    def _basic(self, memory, token):
        try:
            content = base64.b64decode(token, validate=True)
            login, _, password = content.decode().partition(":")
        except UnicodeDecodeError:
            # RFC 7617 has no charset by default: clients send one or the other.
            login, _, password = content.decode("latin-1").partition(":")
        except binascii.Error:
            return self.challenge()
        account = self._accounts.named(login)
        right = account is not None and hmac.compare_digest(password.encode(), account.password.encode())
        return self._settled(account, right, "Basic")

    def _bearer(self, memory, token):
        address = self.tokens(token) if callable(self.tokens) else self.tokens.get(token)
        if address is None:
            self.log.append((None, "Bearer", False))
            return Challenge(['Bearer error="invalid_token"'])
        return self._settled(self._accounts.named(address), True, "Bearer")

    def _ntlm(self, memory, token, scheme="NTLM"):
        try:
            message = base64.b64decode(token, validate=True)
            if memory.ntlm is None or memory.ntlm.kind(message) == 1:
                memory.user = None
                memory.ntlm = NtlmHandshake(memory.certificate, self._must_bind)
                return Challenge([f"{scheme} " + base64.b64encode(memory.ntlm.challenge(message)).decode()])
            handshake, memory.ntlm = memory.ntlm, None
            account, right = handshake.verify(message, self._accounts.named)
        except (binascii.Error, ValueError):
            memory.ntlm = None
            return self.challenge()
        done = self._settled(account, right, "NTLM")
        memory.user = done if isinstance(done, SignedIn) else None
        return done

    def _negotiate(self, memory, token):
        try:
            content = base64.b64decode(token, validate=True)
        except binascii.Error:
            return self.challenge()
        if content.startswith(b"NTLMSSP\0"):
            return self._ntlm(memory, token, "Negotiate")
        if self.acceptor is None:
            return self.challenge()
        principal, answer = self.acceptor(content)
        done = self._settled(self._accounts.of_principal(principal), principal is not None, "Negotiate")
        if isinstance(done, SignedIn):
            done.answer = f"Negotiate {base64.b64encode(answer).decode()}" if answer else None
            memory.user = done
        return done

    def _settled(self, account, right, mechanism):
        right = self._accounts.admits(account, right)
        self.log.append((account.address if account else None, mechanism, right))
        return SignedIn(account, mechanism) if right else self.challenge()
