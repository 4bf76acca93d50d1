"""A trigger's Resource: the mail stands in an asset of the host before its job starts."""

import sys
from pathlib import Path
from urllib.parse import quote

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import HostDied  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class WithAssets(Story):
    def given_asset(self, name="Последнее письмо"):
        self.host.put(self.path_of(name), b"null")
        return name

    @staticmethod
    def path_of(name):
        return "/api/assets/" + quote(name, safe="")

    def asset(self, name):
        return self.host.get(self.path_of(name))

    def rows(self, task, state):
        return [row for row in task.messages() if row["state"] == state]


class Resource(WithAssets):
    def test_The_asset_shows_the_mail_that_the_job_got(self):
        name = self.given_asset()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Resource=name)
        self.assertEqual(task.values["triggers"][0]["parameters"]["Resource"], name)
        for subject in ("Первый заказ", "Second order"):
            self.deliver(mailbox, subject=subject)
            eventually(lambda: (self.asset(name) or {}).get("subject") == subject, f"the asset to show {subject}")
            count = 1 if subject == "Первый заказ" else 2
            job = self.expect_jobs(task, count)[-1]
            self.assertEqual(self.asset(name), job["payload"])
        self.expect_flags(mailbox, {1: {"\\Seen"}, 2: {"\\Seen"}})

    def test_The_journal_tells_that_the_plugin_changed_the_asset(self):
        name = self.given_asset()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Resource=name)
        self.deliver(mailbox, subject="Confidential")
        self.expect_jobs(task, 1)
        by_person, by_plugin = self.host.get("/api/journal?code=50201&order=oldest")["items"]
        self.assertEqual((by_person["user"], by_person["plugin"]), ("root", ""))
        self.assertEqual((by_plugin["user"], by_plugin["plugin"]), (None, "run-on-email"))
        self.assertEqual(by_plugin["subject"]["name"], name)
        self.assertNotIn("Confidential", str(by_plugin))

    def test_With_one_job_for_a_pass_the_asset_shows_all_its_mails(self):
        name = self.given_asset()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Resource=name, Launch="perPass")
        self.deliver(mailbox, subject="Alone")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(self.asset(name), job["payload"])
        self.assertEqual([mail["subject"] for mail in job["payload"]["mails"]], ["Alone"])

    def test_An_unknown_asset_is_refused_in_the_form(self):
        mailbox = self.given_mailbox()
        form = {"name": "T", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": mailbox["Email"], "Resource": "nowhere"}}]}
        refused = self.host.post("/api/tasks", form, expect=422)
        error, = refused["errors"]
        self.assertTrue(error["field"].endswith("Resource"), error)
        self.assertIn("there is no asset nowhere", error["message"])
        self.given_asset("nowhere")
        task = self.host.post("/api/tasks", form)
        self.assertEqual(task["triggers"][0]["parameters"]["Resource"], "nowhere")
        form["triggers"][0]["parameters"]["Resource"] = "elsewhere"
        self.host.call("PUT", f"/api/tasks/{task['id']}", form, expect=422)

    def test_The_form_offers_it(self):
        form = self.host.get("/api/trigger-types/run-on-email")
        self.assertEqual(form["schema"]["properties"]["Resource"]["x-title"], {"en": "Resource", "ru": "Ресурс"})

    def test_A_mail_that_is_more_than_an_asset_holds_is_parked_and_may_be_started_without(self):
        name = self.given_asset()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Resource=name)
        self.deliver(mailbox, subject="Large", text=("x" * 70 + "\n") * 20_000)
        self.deliver(mailbox, subject="Small")
        self.expect_jobs(task, 1)
        self.assertEqual(self.asset(name)["subject"], "Small")
        row, = self.rows(task, "parked")
        self.assertEqual(row["subject"], "Large")
        self.assertIn(name, row["reason"]["text"])
        self.assertIn("1048576 bytes", row["reason"]["text"])
        self.expect_flags(mailbox, {1: set(), 2: {"\\Seen"}})

        trigger = task.values["triggers"][0]
        self.host.put(f"/api/tasks/{task.id}", {
            "name": task.values["name"], "project": task.values["project"],
            "triggers": [{"id": trigger["id"], "type": trigger["type"],
                          "parameters": {**trigger["parameters"], "Resource": None}}]})
        self.host.post(f"/api/triggers/{task.trigger}/messages/{row['id']}/retry")
        self.expect_jobs(task, 2)
        self.expect_flags(mailbox, {1: {"\\Seen"}, 2: {"\\Seen"}})


class ResourceInACrash(WithAssets):
    host_testing = True

    def test_Killed_around_the_start_the_mail_is_in_the_asset_and_has_one_job(self):
        name = self.given_asset()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Resource=name)
        self.assertEqual(self.host.stop(), 0)
        for number, point in enumerate(("ledger-after-commit", "pass-before-host", "pass-after-host"), start=1):
            subject = f"Killed at {point}"
            self.deliver(mailbox, subject=subject)
            try:
                self.host.start(crash_at=f"{point}:1")
            except HostDied:
                pass
            self.assertTrue(self.host.wait_dead(60), f"{point} was never passed:\n{self.host.tail()}")
            self.host.start()
            jobs = self.expect_jobs(task, number)
            self.assertEqual(self.asset(name), jobs[-1]["payload"])
            self.assertEqual(self.asset(name)["subject"], subject)
            self.assertEqual(self.host.stop(), 0)


if __name__ == "__main__":
    main()
