"""Who may sign in, under which names, and how often that failed."""

from dataclasses import dataclass, field

DOMAIN = "EXAMPLE"


@dataclass
class Account:
    address: str
    password: str
    failures: int = 0
    impersonates: set = field(default_factory=set)  # addresses in lower case; "*" is everybody
    principals: set = field(default_factory=set)  # whose Kerberos tickets open it, besides that of its own name

    @property
    def alias(self):
        return self.address.split("@")[0]


class Accounts:
    """locks_after: failed logins in a row after which none succeeds; None: never."""

    def __init__(self, locks_after=None):
        self.locks_after = locks_after
        self._by_address = {}
        self._by_alias = {}

    def add(self, address, password):
        account = self._by_address.get(address.lower())
        if account is None:
            account = Account(address, password)
            self._by_address[address.lower()] = account
            self._by_alias[account.alias.lower()] = account
        account.password = password
        account.failures = 0
        return account

    def __iter__(self):
        return iter(self._by_address.values())

    def of(self, address):
        return self._by_address[address.lower()]

    def named(self, login, domain=""):
        """By user principal name, by DOMAIN\\alias, or by alias; None for nobody."""
        if "\\" in login:
            domain, login = login.split("\\", 1)
        if "@" in login:
            return self._by_address.get(login.lower())
        if domain and domain.split(".")[0].upper() != DOMAIN:
            return None
        return self._by_alias.get(login.lower())

    def of_principal(self, principal):
        if principal is None:
            return None
        owner = next((account for account in self if principal in account.principals), None)
        return owner or self.named(principal) or self.named(principal.split("@")[0])

    def admits(self, account, right):
        """Counts a failed login; a locked account is refused whatever its password."""
        if account is None:
            return False
        if self.locks_after is not None and account.failures >= self.locks_after:
            right = False
        account.failures = 0 if right else account.failures + 1
        return right
