"""The connection test of the settings page: each step, and each of the usual faults told from the others."""

import http.client
import json
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from held_imap import HeldImap  # noqa: E402
from host import ADMINISTRATOR  # noqa: E402
from imap_server import free_ports  # noqa: E402
from mail import a_mail  # noqa: E402
from line_server import BlackHole, LineServer  # noqa: E402
from vocabulary import ITEMS, Story, main  # noqa: E402

ACTION = "/api/settings-pages/incoming-email/actions/test-connection"
ALL_STEPS = ["dns", "connect", "tls", "login", "folder", "count"]


class ConnectionTest(Story):
    def report_on(self, connection="plain", account=None, **fields):
        """The report on a mailbox that is not saved, its steps by name."""
        address, password = account or self.given_account()
        report = self.host.post(ACTION, {"values": self.mailbox_fields(address, password, connection, **fields)},
                                expect=200)
        self.assertNotIn(password, json.dumps(report, ensure_ascii=False))
        return report, {step["name"]: step for step in report["steps"]}

    def fault(self, step, connection="plain", account=None, **fields):
        """The words of the one step that fails, with the step itself."""
        report, steps = self.report_on(connection, account, **fields)
        self.assertFalse(report["ok"])
        self.assertEqual([one["name"] for one in report["steps"]], ALL_STEPS[:ALL_STEPS.index(step) + 1], report)
        self.assertEqual([one["ok"] for one in report["steps"]], [True] * ALL_STEPS.index(step) + [False])
        failed = steps[step]
        self.assertTrue(failed["error"])
        self.assertTrue(failed["advice"], "what to do about it")
        return f"{failed['error']} {failed['advice']}", failed

    # What goes well

    def test_Every_step_is_told_with_its_time(self):
        account = self.given_account()
        for n in range(3):
            self.dovecot.deliver(account[0], a_mail(subject=f"Mail {n}"))
        report, steps = self.report_on("tls", account)
        self.assertTrue(report["ok"], report)
        self.assertEqual([step["name"] for step in report["steps"]], ALL_STEPS)
        for step in report["steps"]:
            self.assertTrue(step["ok"])
            self.assertTrue(step["detail"])
            self.assertIsNone(step["error"])
            self.assertIsInstance(step["ms"], int)
        self.assertIn("127.0.0.1", steps["dns"]["addresses"])
        self.assertEqual(steps["tls"]["protocol"], "TLSv1.3")
        self.assertTrue(steps["tls"]["cipher"])
        self.assertEqual(steps["tls"]["certificate"]["sha256"], self.dovecot.certificates.sha256("good"))
        self.assertIn("authority", steps["tls"]["certificate"]["issuer"])
        self.assertTrue(steps["tls"]["certificate"]["notAfter"])
        self.assertEqual(steps["tls"]["chain"][0], steps["tls"]["certificate"])
        self.assertTrue(steps["login"]["mechanism"])
        self.assertEqual((steps["count"]["count"], steps["count"]["unread"]), (3, 3))
        self.assertEqual(self.dovecot.flags(account[0]), {1: set(), 2: set(), 3: set()}, "and no flag was changed")

    def test_The_certificates_between_the_servers_and_the_authority_are_told(self):
        certificates = self.dovecot.certificates
        with Dovecot(certificate="chained", certificates=certificates) as server:
            account = self.given_account()
            server.add_user(*account)
            report, steps = self.report_on("tls", account, port=server.imaps)
        self.assertTrue(report["ok"], report)
        own, above = steps["tls"]["chain"]
        self.assertEqual(own, steps["tls"]["certificate"])
        self.assertEqual((own["sha256"], above["sha256"]),
                         (certificates.sha256("chained"), certificates.sha256("intermediate")))
        self.assertIn("intermediate", above["subject"])
        self.assertEqual(own["issuer"], above["subject"])
        self.assertIn("authority", above["issuer"])

    def test_STARTTLS_is_told_as_encryption(self):
        for connection in ("starttls", "opportunistic"):
            report, steps = self.report_on(connection)
            self.assertTrue(report["ok"], report)
            self.assertEqual(steps["tls"]["certificate"]["sha256"], self.dovecot.certificates.sha256("good"))

    def test_Plain_text_says_what_is_exposed_and_that_encryption_is_offered(self):
        report, steps = self.report_on("plain")
        self.assertTrue(report["ok"])
        self.assertIn("can read the login and every mail", steps["tls"]["detail"])
        self.assertIs(steps["tls"]["startTlsOffered"], True)
        self.assertIn("Use Ssl", steps["tls"]["advice"])
        with Dovecot(tls=False, certificates=self.dovecot.certificates) as server:
            account = self.given_account()
            server.add_user(*account)
            _, steps = self.report_on("plain", account, port=server.imap)
            self.assertIs(steps["tls"]["startTlsOffered"], False)

    def asked_for_lines(self, **fields):
        """The connection, and the answer of which each line is a step."""
        connection = http.client.HTTPConnection(self.host.address, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", ACTION, json.dumps({"values": self.mailbox_fields(*self.given_account(), **fields)}), {
            "Authorization": f"Bearer {ADMINISTRATOR}", "Accept": "application/x-ndjson",
            "Content-Type": "application/json"})
        return connection, connection.getresponse()

    def test_Each_step_is_a_line_as_it_happens_and_nothing_else_is(self):
        with HeldImap() as server:
            _, answer = self.asked_for_lines(port=server.port)
            told = []
            for name in ALL_STEPS:
                # All before are told while the server keeps this one waiting.
                if name in server.doors:
                    server.doors[name].set()
                told.append(json.loads(answer.readline()))
                self.assertEqual((told[-1]["name"], told[-1]["ok"]), (name, True))
            self.assertEqual(answer.read(), b"")
            self.assertEqual(answer.status, 200)
            for step in told:
                self.assertLessEqual({"name", "ok", "ms", "detail", "error", "advice"}, set(step))

    def test_The_step_that_fails_is_the_last_line(self):
        _, answer = self.asked_for_lines(ImapFolder="nowhere")
        lines = [json.loads(line) for line in answer.read().splitlines()]
        self.assertEqual([line["name"] for line in lines], ALL_STEPS[:ALL_STEPS.index("folder") + 1])
        self.assertEqual([line["ok"] for line in lines], [True] * 4 + [False])

    def test_Going_away_ends_it_and_the_host_can_stop(self):
        with LineServer(answer=lambda tag, command: None) as server:
            connection, answer = self.asked_for_lines(port=server.port)
            answer.readline()
        connection.close()
        began = time.monotonic()
        self.assertEqual(self.host.stop(), 0)
        self.assertLess(time.monotonic() - began, 8)

    # What goes wrong

    def test_A_name_without_address(self):
        words, failed = self.fault("dns", Imap="no-such-server.invalid")
        self.assertEqual(failed["code"], "nameLookup")
        self.assertIn("spelling", words)

    def test_A_port_that_is_closed(self):
        words, failed = self.fault("connect", port=free_ports(1)[0])
        self.assertEqual(failed["code"], "unreachable")
        self.assertIn("Nothing accepts connections on this port", words)

    def test_A_port_that_swallows_everything(self):
        with BlackHole() as hole:
            words, failed = self.fault("connect", port=hole.port)
        self.assertEqual(failed["code"], "timedOut")
        self.assertIn("firewall", words)
        self.assertGreater(failed["ms"], 5000)

    def test_TLS_spoken_to_a_port_for_plain_text(self):
        with Dovecot(tls=False, certificates=self.dovecot.certificates) as server:
            words, failed = self.fault("tls", "tls", port=server.imap)
        self.assertIn("offers no encryption", words)

    def test_No_login_crosses_in_clear_where_encryption_is_required(self):
        for capabilities in ("AUTH=PLAIN SASL-IR", "STARTTLS AUTH=PLAIN SASL-IR"):
            heard = []

            def answer(tag, command):
                heard.append(command)
                if command == "CAPABILITY":
                    return f"* CAPABILITY IMAP4rev1 {capabilities}\r\n{tag} OK done"
                return f"{tag} {'OK in' if command.startswith(('LOGIN', 'AUTHENTICATE')) else 'NO not now'}"

            account = self.given_account()
            with self.subTest(capabilities), LineServer(f"* OK [CAPABILITY IMAP4rev1 {capabilities}] ready",
                                                        answer) as server:
                self.fault("tls", "starttls", account, port=server.port)
                self.assertTrue(heard)
                self.assertEqual([line for line in heard if line.startswith(("LOGIN", "AUTHENTICATE"))], [])
                self.assertNotIn(account[1], "".join(heard))

    def test_Plain_text_spoken_to_a_port_for_TLS(self):
        words, failed = self.fault("connect", "plain", port=self.dovecot.imaps)
        self.assertEqual(failed["code"], "tls")
        self.assertIn("speaks TLS from the first byte", words)
        self.assertIn("Use standart not SSL Port", words)

    def test_A_certificate_of_an_unknown_authority_offers_its_pin_and_the_pin_heals_it(self):
        account = self.given_account()
        words, failed = self.fault("tls", "tls", account, CaCertificate=None)
        self.assertEqual(failed["code"], "untrusted")
        self.assertIn("authority", words)
        self.assertEqual(failed["pin"], self.dovecot.certificates.sha256("good"))
        self.assertEqual(failed["certificate"]["sha256"], failed["pin"])
        report, _ = self.report_on("tls", account, CaCertificate=None, CertificateSha256=failed["pin"])
        self.assertTrue(report["ok"], report)

    def fault_of_certificate(self, kind):
        with Dovecot(certificate=kind, certificates=self.dovecot.certificates) as server:
            account = self.given_account()
            server.add_user(*account)
            words, failed = self.fault("tls", "tls", account, port=server.imaps)
            self.assertEqual(failed["pin"], self.dovecot.certificates.sha256(kind))
            self.expect_no_login(server, account[0])
            return words.lower()

    def test_A_self_signed_certificate(self):
        self.assertIn("self-signed", self.fault_of_certificate("self-signed"))

    def test_An_expired_certificate(self):
        self.assertIn("has expired", self.fault_of_certificate("expired"))

    def test_A_certificate_of_another_host(self):
        words = self.fault_of_certificate("wrong-host")
        self.assertIn("for another host", words)
        self.assertIn("mail.elsewhere.example", words)

    def test_A_login_that_is_refused(self):
        words, failed = self.fault("login", account=(self.given_account()[0], "wrong"))
        self.assertEqual(failed["code"], "loginRefused")
        self.assertIn("Check login and password", words)

    def test_A_folder_that_is_not_there(self):
        account = self.given_account()
        self.dovecot.create_folder(account[0], "Заказы")
        words, failed = self.fault("folder", account=account, ImapFolder="Заказ")
        self.assertEqual(failed["code"], "noFolder")
        self.assertIn("Заказы", words)

    def test_A_folder_to_move_to_that_is_not_there(self):
        account = self.given_account()
        self.dovecot.create_folder(account[0], "Готово")
        words, failed = self.fault("folder", account=account, MoveTo="Готвоо")
        self.assertEqual(failed["code"], "noFolder")
        self.assertIn("Готово", words)
        self.assertIn("Move to", words)

    def test_A_server_that_limits_connections(self):
        def full(tag, command):
            return f"{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded"

        with LineServer(answer=full) as server:
            words, failed = self.fault("login", port=server.port)
            self.assertEqual(failed["code"], "throttled")
            self.assertIn("Maximum number of connections", words)
        with LineServer(greeting="* BYE Too many connections from your address") as server:
            words, failed = self.fault("connect", port=server.port)
            self.assertEqual(failed["code"], "throttled")

    def test_A_server_that_is_no_mail_server(self):
        with LineServer(greeting="SSH-2.0-OpenSSH_9.2p1") as server:
            words, failed = self.fault("connect", port=server.port)
            self.assertIn("Check server and port", words)

    # Secrets

    def test_A_saved_password_is_used_for_its_own_server_only(self):
        item = self.given_mailbox("tls", self.given_account("Secret-of-the-saved-1"))
        report = self.host.post(ACTION, {"id": item["id"], "values": {}})
        self.assertTrue(report["ok"], report)
        report = self.host.post(ACTION, {"id": item["id"], "values": {"ImapFolder": "nowhere"}})
        self.assertEqual(report["steps"][-1]["name"], "folder")
        for change in ({"Imap": "127.0.0.1"}, {"ImapPort": self.dovecot.imap}, {"CaCertificate": None},
                       {"CertificateSha256": "ab" * 32}, {"UseSsl": False}, {"UseStandartNotSSLPort": True}):
            with self.subTest(change=change):
                body = self.host.post(ACTION, {"id": item["id"], "values": change}, expect=422)
                self.assertEqual([error["field"] for error in body["errors"]], ["Password"])
        report = self.host.post(ACTION, {"id": item["id"], "values": {
            "ImapPort": self.dovecot.imap, "Password": "Secret-of-the-saved-1"}})
        self.assertTrue(report["ok"], report)

    def test_A_form_that_is_incomplete_is_told_so(self):
        values = self.mailbox_fields("x@example.com", "x")
        del values["Password"], values["Imap"]
        body = self.host.post(ACTION, {"values": values}, expect=422)
        self.assertEqual({error["field"] for error in body["errors"]}, {"Password", "Imap"})
        self.host.post(ACTION, {"id": "mb-no-such", "values": {}}, expect=404)
        self.assertEqual(self.host.every(ITEMS), [], "a test saves nothing")


if __name__ == "__main__":
    main()
