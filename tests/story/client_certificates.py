"""Who we are and whom we trust: a certificate of our own, a private authority, a pin."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class CertificatesOfClients(Story):
    dovecot_options = {"client_certificates": True, "mechanisms": "external plain"}

    def given_watched(self, account, connection="tls", **fields):
        mailbox = self.given_mailbox(connection, account, **fields)
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        return mailbox, task

    def test_A_certificate_signs_in_where_the_server_takes_it_for_a_login(self):
        address, password = self.given_account(name="ann")
        pem = self.dovecot.certificates.of_client(address)
        for connection in ("tls", "starttls"):
            mailbox, task = self.given_watched((address, password), connection, ClientCertificate=pem)
            self.deliver(mailbox)
            self.expect_jobs(task, 1)
            self.assertEqual(set(self.dovecot.logins(mailbox["Email"])), {"EXTERNAL"})
            self.host.delete(f"/api/tasks/{task.id}")
            self.host.delete(f"{ITEMS}/{mailbox['id']}")

    def test_Without_a_certificate_such_a_server_lets_nobody_in(self):
        mailbox = self.given_mailbox("tls")
        self.given_task(mailbox, wait=False)
        self.wait_state(mailbox, "error", "loginRefused")
        self.assertEqual(self.dovecot.logins(mailbox["Email"]), [])

    def test_A_certificate_that_is_no_login_leaves_the_password(self):
        address, password = self.given_account(name="ann")
        pem = self.dovecot.certificates.of_client(address)
        with Dovecot({address: password}, certificates=self.dovecot.certificates, mechanisms="external plain") as server:
            mailbox, _ = self.given_watched((address, password), ClientCertificate=pem, ImapPort=server.imaps)
            self.assertIn("method=PLAIN", server.log())

    def test_A_certificate_of_somebody_elses_opens_no_mailbox(self):
        # This server takes the name from the certificate, whatever the login says.
        mailbox = self.given_mailbox("tls", ClientCertificate=self.dovecot.certificates.of_client("eve@example.com"))
        self.given_task(mailbox, wait=False)
        self.assertEqual(self.wait_state(mailbox, "loginRefused")["error"]["step"], "login")
        self.assertEqual(self.dovecot.logins(mailbox["Email"]), [])

    def test_The_private_key_comes_out_nowhere(self):
        address, password = self.given_account(name="ann")
        pem = self.dovecot.certificates.of_client(address)
        mailbox, _ = self.given_watched((address, password), ClientCertificate=pem)
        shown = self.mailbox_now(mailbox)
        self.assertTrue(shown["HasClientCertificate"])
        self.assertNotIn("PRIVATE KEY", str(shown))
        line = next(line for line in pem.split("PRIVATE KEY")[1].splitlines() if len(line) > 30)
        self.assertEqual(self.host.stop(), 0)
        self.assert_nowhere(line, self.host.data, self.host.output.parent)

    def test_A_pinned_server_may_be_shown_a_certificate_too(self):
        address, password = self.given_account(name="ann")
        mailbox, _ = self.given_watched((address, password), CaCertificate=None,
                                        CertificateSha256=self.dovecot.certificates.sha256("good"),
                                        ClientCertificate=self.dovecot.certificates.of_client(address))
        eventually(lambda: self.dovecot.logins(mailbox["Email"]) == ["EXTERNAL"],
                   lambda: f"EXTERNAL; it was {self.dovecot.logins(mailbox['Email'])}")


if __name__ == "__main__":
    main()
