"""The kinds of connection that the two switches mean, and whom a mailbox trusts."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from host import HttpError  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


def logins(server, mailbox):
    """The server's log lines on successful logins of the mailbox's account."""
    return [line for line in server.log().splitlines() if f"Login: user=<{mailbox['Email']}>" in line]


class Connections(Story):
    def a_mail_starts_a_job_over(self, connection, **fields):
        mailbox = self.given_mailbox(connection, **fields)
        task = self.given_task(mailbox)
        state = self.wait_state(mailbox, "watching")
        self.assertIsNone(state["error"])
        # A session of ours only: the test's own way to look at the mailbox comes later.
        lines = logins(self.dovecot, mailbox)
        identifier = self.deliver(mailbox)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"].strip("<>"), identifier)
        self.assertEqual(job["payload"]["mailbox"], {"address": mailbox["Email"], "protocol": "IMAP", "folder": "INBOX"})
        self.expect_flags(mailbox, {1: {"\\Seen"}})
        return lines

    def test_Plain_text_on_the_standard_port(self):
        lines = self.a_mail_starts_a_job_over("plain")
        self.assertFalse([line for line in lines if ", TLS" in line], "nothing is to be encrypted")

    def test_Encryption_by_STARTTLS_where_the_server_answers_in_plain_text(self):
        lines = self.a_mail_starts_a_job_over("starttls")
        self.assertTrue(lines)
        self.assertTrue(all(", TLS" in line for line in lines), lines)

    def test_TLS_from_the_first_byte(self):
        lines = self.a_mail_starts_a_job_over("tls")
        self.assertTrue(lines)
        self.assertTrue(all(", TLS" in line for line in lines), lines)

    def test_Plain_text_is_upgraded_when_the_server_offers_it(self):
        lines = self.a_mail_starts_a_job_over("opportunistic")
        self.assertTrue(all(", TLS" in line for line in lines), lines)

    def test_The_certificate_of_the_authority_may_be_given_with_CRLF(self):
        pem = self.dovecot.certificates.ca_pem.replace("\n", "\r\n")
        self.a_mail_starts_a_job_over("tls", CaCertificate=pem)

    def test_A_certificate_may_be_pinned_instead_of_trusted(self):
        pin = self.dovecot.certificates.sha256("good")
        self.a_mail_starts_a_job_over("tls", CaCertificate=None, CertificateSha256=pin)

    def test_A_pin_as_openssl_prints_it(self):
        pin = self.dovecot.certificates.sha256("good").upper()
        pin = ":".join(pin[at:at + 2] for at in range(0, 64, 2))
        self.a_mail_starts_a_job_over("starttls", CaCertificate=None, CertificateSha256=pin)

    def test_An_untrusted_certificate_is_refused_and_a_pin_heals_it(self):
        account = self.given_account("Secret-of-ann-77")
        mailbox = self.given_mailbox("tls", account, CaCertificate=None)
        task = self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "tls")
        self.assertTrue(error["serverText"] or error["advice"])
        self.assertIn("fingerprint", error["advice"].lower())
        # Who the server is was not shown, so it must not have got the password.
        self.assertEqual(logins(self.dovecot, mailbox), [])

        values = self.mailbox_fields(*account, "tls", CaCertificate=None,
                                     CertificateSha256=self.dovecot.certificates.sha256("good"))
        without_password = {key: value for key, value in values.items() if key != "Password"}
        with self.assertRaises(HttpError) as refusal:
            self.host.put(f"{ITEMS}/{mailbox['id']}", without_password)
        self.assertEqual(refusal.exception.status, 422)
        self.assertIn("Password", [field["field"] for field in refusal.exception.body["errors"]])

        self.host.put(f"{ITEMS}/{mailbox['id']}", values)
        self.wait_state(mailbox, "watching")
        task.wait_started()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_Another_pin_than_the_servers_is_refused(self):
        mailbox = self.given_mailbox("tls", CertificateSha256="ab" * 32)
        self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "tls")
        self.assertEqual(logins(self.dovecot, mailbox), [])

    def words_of_a_refused_certificate(self, kind):
        with Dovecot(certificate=kind, certificates=self.dovecot.certificates) as server:
            address, password = self.given_account()
            server.add_user(address, password)
            mailbox = self.given_mailbox("tls", (address, password), ImapPort=server.imaps)
            self.given_task(mailbox, wait=False)
            error = self.wait_state(mailbox, "error")["error"]
            self.assertEqual(error["step"], "tls")
            self.expect_no_login(server, address)
            return f"{error['serverText']} {error['advice']}".lower()

    def test_An_expired_certificate_is_called_expired(self):
        self.assertIn("expired", self.words_of_a_refused_certificate("expired"))

    def test_A_certificate_of_another_host_is_called_so(self):
        self.assertRegex(self.words_of_a_refused_certificate("wrong-host"), "host|name")

    def test_A_self_signed_certificate_is_called_so(self):
        self.assertRegex(self.words_of_a_refused_certificate("self-signed"), "self.signed|authority|issuer")

    def test_No_password_goes_to_a_server_that_cannot_encrypt(self):
        with Dovecot(tls=False, certificates=self.dovecot.certificates) as server:
            address, password = self.given_account()
            server.add_user(address, password)
            mailbox = self.given_mailbox("starttls", (address, password), ImapPort=server.imap)
            self.given_task(mailbox, wait=False)
            error = self.wait_state(mailbox, "error")["error"]
            self.assertEqual(error["step"], "tls")
            eventually(lambda: "Connection closed (no auth attempts" in server.log(), "the client to go")
            self.assertNotIn(address, server.log())

    def test_Optional_encryption_does_without_where_there_is_none(self):
        with Dovecot(tls=False, certificates=self.dovecot.certificates) as server:
            address, password = self.given_account()
            server.add_user(address, password)
            mailbox = self.given_mailbox("opportunistic", (address, password), ImapPort=server.imap)
            task = self.given_task(mailbox)
            server.deliver(address, b"From: ann@shop.example\r\nSubject: Plain\r\n\r\nHello\r\n")
            self.expect_jobs(task, 1)

    def test_A_password_beyond_ASCII_signs_in(self):
        mailbox = self.given_mailbox("plain", self.given_account('Пароль "с кавычками" \\ ü'))
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_One_session_serves_all_triggers_of_a_mailbox(self):
        mailbox = self.given_mailbox()
        for _ in range(3):
            self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        eventually(lambda: len(self.dovecot.sessions(mailbox["Email"])) == 1,
                   lambda: f"one session; there are {self.dovecot.sessions(mailbox['Email'])}")


if __name__ == "__main__":
    main()
