"""What an auditor reads: each change of a mailbox and each start, who it was, when, and never a secret."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import configuration  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402

OLGA = "token-of-olga-who-administers-acme"
SECRETS = ("Secret-of-the-journal-1", "Secret-of-the-journal-2")


class Journal(Story):
    def host_configuration(self):
        config = configuration()
        config["Tenants"]["Items"] = [{"Id": "acme", "Name": "Acme", "TimeOffset": 3}]
        config["Users"].append({"Name": "olga", "Role": "TenantAdministrator", "Tenant": "acme", "Token": OLGA})
        return config

    def setUp(self):
        super().setUp()
        self.began = datetime.now(timezone.utc)

    def the_event(self, code):
        """The one event of this code in the tenant, which nobody sees in another."""
        event, = self.host.every(f"/api/journal?code={code}", token=OLGA)
        self.assertEqual(self.host.every(f"/api/journal?code={code}"), [])
        self.assertEqual((event["code"], event["tenant"], event["plugin"]), (code, "acme", "run-on-email"))
        at = datetime.fromisoformat(event["at"].replace("Z", "+00:00"))
        slack = timedelta(seconds=1)
        self.assertTrue(self.began - slack <= at <= datetime.now(timezone.utc) + slack, event["at"])
        for secret in SECRETS:
            self.assertNotIn(secret, json.dumps(event))
        return event

    def test_A_mailbox_is_made_starts_a_job_is_changed_and_deleted(self):
        address, password = self.given_account(SECRETS[0])
        item = self.host.post(ITEMS, self.mailbox_fields(address, password), token=OLGA)
        created = self.the_event(70001)
        self.assertEqual((created["name"], created["user"]), ("IncomingEmailCreated", "olga"))
        self.assertEqual(created["subject"], {"kind": "mailbox", "id": item["id"], "name": address})

        task = self.host.post("/api/tasks", {"name": "Orders", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": address}}]}, token=OLGA)
        trigger = task["triggers"][0]["id"]
        self.host.post(f"/api/tasks/{task['id']}/start", token=OLGA)
        eventually(lambda: self.host.get(f"/api/triggers/{trigger}", token=OLGA)["state"] == "started", "the baseline")
        self.deliver(item)
        job, = eventually(lambda: self.host.every("/api/jobs", token=OLGA), "the job")
        eventually(lambda: self.host.every("/api/journal?code=60002", token=OLGA), "the event of its start")
        fired = self.the_event(60002)
        self.assertEqual((fired["name"], fired["user"]), ("TriggerEmailFired", None))
        self.assertEqual(fired["subject"], {"kind": "trigger", "id": trigger, "name": "Orders"})
        self.assertEqual(fired["details"]["job"], job["id"])

        changed = self.mailbox_fields(address, SECRETS[1], RemoveReceived=True, Login=address)
        self.host.put(f"{ITEMS}/{item['id']}", changed, token=OLGA)
        event = self.the_event(70002)
        self.assertEqual((event["name"], event["user"]), ("IncomingEmailChanged", "olga"))
        self.assertEqual(event["subject"], created["subject"])
        self.assertEqual(sorted(event["details"]["fields"]), ["Login", "Password", "RemoveReceived"])

        self.host.delete(f"/api/tasks/{task['id']}", token=OLGA)
        self.host.delete(f"{ITEMS}/{item['id']}", token=OLGA)
        deleted = self.the_event(70003)
        self.assertEqual((deleted["name"], deleted["user"]), ("IncomingEmailDeleted", "olga"))
        self.assertEqual(deleted["subject"], created["subject"])

    def test_What_is_refused_is_no_event(self):
        self.host.post(ITEMS, {"Email": "no address"}, token=OLGA, expect=422)
        self.assertEqual(self.host.every("/api/journal?code=70001", token=OLGA), [])


if __name__ == "__main__":
    main()
