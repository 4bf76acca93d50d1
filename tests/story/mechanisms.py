"""How a password is shown to a real server: each mechanism, the strongest of several, and one failed login only."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

ALL = "scram-sha-256 scram-sha-1 digest-md5 cram-md5 plain login"


class Mechanisms(Story):
    dovecot_options = {"mechanisms": ALL}

    def expect_login(self, mechanism, connection="plain", password="Secret-of-ann-77", server=None, **fields):
        server = server or self.dovecot
        address, _ = self.given_account(password)
        if server is not self.dovecot:
            server.add_user(address, password)
        port = server.imaps if connection == "tls" else server.imap
        mailbox = self.given_mailbox(connection, (address, password), ImapPort=port, **fields)
        self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        eventually(lambda: server.logins(mailbox["Email"]), "the server's log to tell of the login")
        self.assertEqual(server.logins(mailbox["Email"]), [mechanism])

    def test_In_clear_the_strongest_that_is_offered_is_used(self):
        self.expect_login("SCRAM-SHA-256")

    def test_Over_TLS_too(self):
        self.expect_login("SCRAM-SHA-256", "tls")
        self.expect_login("SCRAM-SHA-256", "starttls")

    def test_Each_mechanism_signs_in_by_itself(self):
        with Dovecot(certificates=self.dovecot.certificates) as server:
            for mechanism in ALL.split():
                server.restart(mechanisms=mechanism)
                with self.subTest(mechanism=mechanism):
                    self.expect_login(mechanism.upper(), server=server)

    def test_A_password_beyond_ASCII_signs_in_with_each_that_can_carry_it(self):
        with Dovecot(certificates=self.dovecot.certificates) as server:
            for mechanism in ("scram-sha-256", "scram-sha-1", "digest-md5 cram-md5", "plain", "login"):
                server.restart(mechanisms=mechanism)
                with self.subTest(mechanism=mechanism):
                    self.expect_login(mechanism.split()[-1].upper(), password='Пароль "с кавычками" \\ ü', server=server)

    def test_A_login_without_a_domain_signs_in_with_DIGEST_MD5(self):
        with Dovecot({"ann": "secret-of-ann"}, mechanisms="digest-md5", certificates=self.dovecot.certificates) as server:
            mailbox = self.given_mailbox("plain", ("ann@example.com", "secret-of-ann"), Login="ann", ImapPort=server.imap)
            self.given_task(mailbox)
            self.wait_state(mailbox, "watching")

    def test_A_wrong_password_is_one_failed_login_however_many_mechanisms_there_are(self):
        for connection in ("plain", "tls"):
            address, password = self.given_account()
            mailbox = self.given_mailbox(connection, (address, "not " + password))
            self.given_task(mailbox, wait=False)
            state = self.wait_state(mailbox, "loginRefused")
            self.assertEqual(state["error"]["step"], "login")
            self.assertIn("Authentication failed", state["error"]["serverText"])
            failed = eventually(lambda: [line for line in self.dovecot.log().splitlines()
                                         if "auth failed" in line and f"<{address}>" in line], "the failed login")
            self.assertEqual(len(failed), 1, failed)
            self.assertIn("(auth failed, 1 attempts", failed[0])

    def test_A_server_that_keeps_passwords_hashed_is_given_the_password_over_TLS_only(self):
        with Dovecot(mechanisms=ALL, certificates=self.dovecot.certificates) as server:
            address, password = self.given_account()
            server.add_user(address, password, hashed=True)
            mailbox = self.given_mailbox("tls", (address, password), ImapPort=server.imaps)
            self.given_task(mailbox)
            self.wait_state(mailbox, "watching")
            self.assertEqual(server.logins(mailbox["Email"]), ["PLAIN"])

            address, password = self.given_account("in-clear-" + password)
            server.add_user(address, password, hashed=True)
            mailbox = self.given_mailbox("plain", (address, password), ImapPort=server.imap)
            self.given_task(mailbox, wait=False)
            self.wait_state(mailbox, "loginRefused")
            self.assertEqual(server.logins(mailbox["Email"]), [])

    def test_Without_a_login_a_server_that_lets_anybody_in_is_used(self):
        with Dovecot({"anonymous": "unused"}, mechanisms="anonymous", certificates=self.dovecot.certificates) as server:
            mailbox = self.given_mailbox("plain", ("ann@example.com", None), RequireAuthenticate=False,
                                         ImapPort=server.imap)
            self.given_task(mailbox)
            self.wait_state(mailbox, "watching")
            self.assertIn("method=ANONYMOUS", server.log())


if __name__ == "__main__":
    main()
