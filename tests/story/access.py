"""Who may do what, what a form refuses, and that a secret never comes out again."""

import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import USER, HttpError, configuration  # noqa: E402
from vocabulary import ITEMS, Story, main  # noqa: E402

PAGE = "/api/settings-pages/incoming-email"
TENANT_ADMINISTRATOR = "token-of-the-administrator-of-acme"
OTHER_TENANT_ADMINISTRATOR = "token-of-the-administrator-of-globex"


class Access(Story):
    def host_configuration(self):
        config = configuration()
        config["Tenants"]["Items"] = [{"Id": "acme", "Name": "Acme", "TimeOffset": 3},
                                      {"Id": "globex", "Name": "Globex", "TimeOffset": 0}]
        config["Users"] += [
            {"Name": "olga", "Role": "TenantAdministrator", "Tenant": "acme", "Token": TENANT_ADMINISTRATOR},
            {"Name": "gina", "Role": "TenantAdministrator", "Tenant": "globex", "Token": OTHER_TENANT_ADMINISTRATOR}]
        return config

    def test_Without_a_right_token_nothing_is_told(self):
        mailbox = self.given_mailbox()
        for path in ("/api/plugins", PAGE, ITEMS, f"{ITEMS}/{mailbox['id']}", "/api/tasks", "/api/jobs", "/api/me",
                     "/api/trigger-types", "/api/journal"):
            for token in (None, "wrong", "", USER + "x"):
                body = self.host.get(path, token=token, expect=401)
                self.assertNotIn(mailbox["Email"], json.dumps(body))
                self.assertTrue(body["code"])
        self.host.get("/healthz", token=None, expect=200)

    def test_A_user_may_not_see_the_settings_page(self):
        mailbox = self.given_mailbox()
        self.host.get(ITEMS, token=USER, expect=403)
        self.host.get(f"{ITEMS}/{mailbox['id']}", token=USER, expect=403)
        self.host.get(PAGE, token=USER, expect=403)
        self.host.post(ITEMS, self.mailbox_fields("x@example.com", "x"), token=USER, expect=403)
        self.host.post(f"{PAGE}/actions/test-connection", {"values": {}}, token=USER, expect=403)
        self.host.delete(f"{ITEMS}/{mailbox['id']}", token=USER, expect=403)

    def test_A_user_may_start_and_stop_tasks_but_not_write_them(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, started=False)
        self.host.post(f"/api/tasks/{task.id}/start", token=USER)
        self.assertEqual(self.host.get(f"/api/tasks/{task.id}", token=USER)["state"], "started")
        self.host.post(f"/api/tasks/{task.id}/stop", token=USER)
        self.host.post("/api/tasks", {"name": "x", "project": "id", "triggers": []}, token=USER, expect=403)
        self.host.put(f"/api/tasks/{task.id}", {"name": "x", "project": "id", "triggers": []}, token=USER, expect=403)
        self.host.delete(f"/api/tasks/{task.id}", token=USER, expect=403)

    def test_Tenants_do_not_see_each_other(self):
        values = self.mailbox_fields("acme@example.com", "secret-of-acme")
        item = self.host.post(ITEMS, values, token=TENANT_ADMINISTRATOR)
        self.assertEqual([one["id"] for one in self.host.every(ITEMS, token=TENANT_ADMINISTRATOR)], [item["id"]])
        self.assertEqual(self.host.every(ITEMS, token=OTHER_TENANT_ADMINISTRATOR), [])
        self.host.get(f"{ITEMS}/{item['id']}", token=OTHER_TENANT_ADMINISTRATOR, expect=404)
        self.host.delete(f"{ITEMS}/{item['id']}", token=OTHER_TENANT_ADMINISTRATOR, expect=404)
        self.host.put(f"{ITEMS}/{item['id']}", values, token=OTHER_TENANT_ADMINISTRATOR, expect=404)
        self.host.get(ITEMS, token=TENANT_ADMINISTRATOR, tenant="globex", expect=(403, 404))
        self.assertEqual(self.host.every(ITEMS), [])
        self.assertEqual(len(self.host.every(ITEMS, tenant="acme")), 1)
        # The same address is free in another tenant.
        self.host.post(ITEMS, values, token=OTHER_TENANT_ADMINISTRATOR, expect=201)

    def test_Every_answer_has_the_status_of_the_contract(self):
        values = self.mailbox_fields(*self.given_account())
        item = self.host.post(ITEMS, values, expect=201)
        self.assertEqual(self.host.put(f"{ITEMS}/{item['id']}", values, expect=200)["id"], item["id"])
        self.host.delete(f"{ITEMS}/{item['id']}", expect=204)
        self.host.get(f"{ITEMS}/{item['id']}", expect=404)
        self.host.delete(f"{ITEMS}/{item['id']}", expect=404)
        self.host.get("/api/settings-pages/no-such-page/items", expect=404)
        self.host.get("/api/nothing", expect=404)
        self.host.call("PATCH", ITEMS, {}, expect=405)
        self.host.call("POST", ITEMS, b"{not json", expect=400)


class Forms(Story):
    def refused(self, path, values):
        with self.assertRaises(HttpError) as refusal:
            self.host.post(path, values)
        self.assertEqual(refusal.exception.status, 422)
        body = refusal.exception.body
        self.assertTrue(body["code"])
        for error in body["errors"]:
            self.assertTrue(error["message"])
        return {error["field"] for error in body["errors"]}

    def refused_mailbox(self, **changes):
        values = self.mailbox_fields("valid@example.com", "secret")
        values.update(changes)
        return self.refused(ITEMS, {key: value for key, value in values.items() if value is not ...})

    def test_A_mailbox_form_names_the_fields_that_are_wrong(self):
        self.assertEqual(self.refused_mailbox(Email=...), {"Email"})
        self.assertEqual(self.refused_mailbox(Email="no address"), {"Email"})
        self.assertEqual(self.refused_mailbox(Password=...), {"Password"})
        self.assertEqual(self.refused_mailbox(Imap=...), {"Imap"})
        self.assertEqual(self.refused_mailbox(ImapPort=70000), {"ImapPort"})
        self.assertEqual(self.refused_mailbox(ImapPort="143"), {"ImapPort"})
        self.assertEqual(self.refused_mailbox(Protocol="IMAP4"), {"Protocol"})
        self.assertEqual(self.refused_mailbox(CertificateSha256="zz"), {"CertificateSha256"})
        self.assertEqual(self.refused_mailbox(CaCertificate="no certificate"), {"CaCertificate"})
        self.assertEqual(self.refused_mailbox(Imap="a\r\nb"), {"Imap"})
        self.assertEqual(self.refused_mailbox(Emial="typo@example.com"), {"Emial"})

    def test_A_form_with_every_protocols_fields_is_taken_and_read_back(self):
        address, password = self.given_account()
        others = {"Pop3": None, "Pop3Port": None, "EWSUrl": ""}
        item = self.host.post(ITEMS, {**self.mailbox_fields(address, password), **others}, expect=201)
        self.assertEqual({name: item[name] for name in others}, dict.fromkeys(others))
        self.assertEqual(self.host.put(f"{ITEMS}/{item['id']}", item, expect=200)["EWSUrl"], None)
        report = self.host.post(f"{PAGE}/actions/test-connection", {"id": item["id"], "values": {"EWSUrl": None}})
        self.assertTrue(report["ok"], report)

    def test_An_address_is_there_once(self):
        mailbox = self.given_mailbox()
        self.assertEqual(self.refused(ITEMS, self.mailbox_fields(mailbox["Email"].upper(), "x")), {"Email"})

    def test_Defaults_are_filled_in(self):
        item = self.host.post(ITEMS, {"Email": "defaults@example.com", "Password": "x", "Protocol": "IMAP",
                                      "Imap": "imap.example.com"})
        self.assertEqual((item["ImapPort"], item["ImapFolder"]), (143, "INBOX"))
        self.assertEqual((item["RequireAuthenticate"], item["UseSsl"], item["UseStandartNotSSLPort"],
                          item["RemoveReceived"]), (True, True, True, False))
        item = self.host.post(ITEMS, {"Email": "tls@example.com", "Password": "x", "Protocol": "IMAP",
                                      "Imap": "imap.example.com", "UseStandartNotSSLPort": False})
        self.assertEqual(item["ImapPort"], 993)

    def test_A_trigger_form_names_the_fields_that_are_wrong(self):
        mailbox = self.given_mailbox()

        def refused(**parameters):
            return self.refused("/api/tasks", {"name": "x", "project": "true", "triggers": [
                {"type": "run-on-email", "parameters": parameters}]})

        for parameters, field in (({}, "Email"), ({"Email": "nobody@example.com"}, "Email"),
                                  ({"Email": mailbox["Email"], "IntervalSeconds": 0}, "IntervalSeconds"),
                                  ({"Email": mailbox["Email"], "WindowSize": 10001}, "WindowSize"),
                                  ({"Email": mailbox["Email"], "StartFrom": "yesterday"}, "StartFrom"),
                                  ({"Email": mailbox["Email"], "Launch": "never"}, "Launch")):
            fields = refused(**parameters)
            self.assertEqual(len(fields), 1, fields)
            self.assertTrue(fields.pop().endswith(field), parameters)

    def test_A_mailbox_that_a_trigger_uses_is_neither_deleted_nor_given_another_address(self):
        mailbox = self.given_mailbox()
        item = f"{ITEMS}/{mailbox['id']}"
        task = self.given_task(mailbox, name="Nightly import")
        renamed = {**self.mailbox_fields("other@example.com", "x"), "Login": mailbox["Email"]}
        for refusal in self.host.delete(item, expect=409), self.host.put(item, renamed, expect=409):
            self.assertEqual(refusal["code"], "mailbox-in-use")
            self.assertIn("Nightly import", refusal["detail"])
        self.assertEqual(self.host.get(item)["Email"], mailbox["Email"])
        same = self.mailbox_fields(mailbox["Email"].upper(), "x")
        self.assertEqual(self.host.put(item, same, expect=200)["Email"], mailbox["Email"].upper())
        self.host.delete(f"/api/tasks/{task.id}", expect=204)
        self.host.put(item, renamed, expect=200)
        self.host.delete(item, expect=204)

    def test_The_trigger_form_offers_the_tenants_mailboxes(self):
        mailbox = self.given_mailbox()
        form = self.host.get("/api/trigger-types/run-on-email")
        self.assertIn(mailbox["Email"], json.dumps(form["schema"]))
        self.assertEqual(form["title"], {"en": "Run on Email", "ru": "Запуск при получении Email"})


class Secrets(Story):
    SECRET = "Tr0ub4dor&3-very-secret"

    def test_A_password_is_in_no_answer_log_or_file(self):
        account = self.given_account(self.SECRET)
        said = []
        item = self.host.post(ITEMS, self.mailbox_fields(*account))
        said.append(item)
        said.append(self.host.put(f"{ITEMS}/{item['id']}", self.mailbox_fields(*account, Login=account[0])))
        task = self.given_task(item)
        self.deliver(item)
        self.expect_jobs(task, 1)
        wrong = self.given_mailbox("plain", (self.given_account()[0], self.SECRET))
        self.given_task(wrong, wait=False)
        said.append(self.wait_state(wrong, "loginRefused"))
        self.host.call("POST", ITEMS, {**self.mailbox_fields(*account), "ImapPort": self.SECRET}, expect=422)
        said += [self.host.get(path) for path in (ITEMS, f"{ITEMS}/{item['id']}", "/api/journal", "/api/tasks",
                                                  "/api/jobs", "/api/plugins", "/api/trigger-types/run-on-email")]
        for answer in said:
            self.assertNotIn(self.SECRET, json.dumps(answer, ensure_ascii=False))
            self.assertNotIn("sealed", json.dumps(answer).lower())
        self.assertEqual(self.host.stop(), 0)
        self.assert_nowhere(self.SECRET, self.host.data, self.host.output.parent)

    def test_A_saved_password_stays_when_it_is_left_out(self):
        address, password = self.given_account(self.SECRET)
        item = self.given_mailbox("plain", (address, password))
        values = self.mailbox_fields(address, password, RemoveReceived=True)
        del values["Password"]
        self.host.put(f"{ITEMS}/{item['id']}", values, expect=200)
        task = self.given_task(item)
        self.deliver(item)
        self.expect_jobs(task, 1)

    def test_A_saved_password_goes_to_no_other_server(self):
        item = self.given_mailbox("tls", self.given_account(self.SECRET))
        kept = {key: value for key, value in self.mailbox_fields(item["Email"], "", "tls").items() if key != "Password"}
        for change in ({"Imap": "127.0.0.1"}, {"ImapPort": self.dovecot.imap}, {"CaCertificate": None},
                       {"CertificateSha256": "ab" * 32}, {"UseSsl": False}, {"UseStandartNotSSLPort": True}):
            values = {**kept, **change}
            with self.subTest(change=change):
                body = self.host.put(f"{ITEMS}/{item['id']}", values, expect=422)
                self.assertIn("Password", [error["field"] for error in body["errors"]])
        self.host.put(f"{ITEMS}/{item['id']}", kept, expect=200)


if __name__ == "__main__":
    main()
