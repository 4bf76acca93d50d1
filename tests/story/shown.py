"""What a person sees in the pages: a mail as it was meant, and how the jobs and mailboxes have been."""

import base64
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from vocabulary import Story, eventually, main  # noqa: E402

PICTURE = bytes(range(64))


class Shown(Story):
    def append(self, mailbox, mail):
        mail["From"] = "Sender <sender@example.org>"
        mail["To"] = mailbox["Email"]
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain="example.org")
        with self.dovecot.login(mailbox["Email"]) as session:
            session.append("INBOX", None, None, mail.as_bytes())

    def html(self, job):
        return self.host.request("GET", f"/api/jobs/{job['id']}/html")

    def test_A_mail_is_shown_with_its_pictures_and_one_without_HTML_is_not(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        mail = EmailMessage()
        mail["Subject"] = "With a picture"
        mail.set_content("plain")
        mail.add_alternative('<p>Счёт</p><img src="cid:logo@example.org"><img src="https://example.org/x.png">',
                             subtype="html")
        mail.get_payload()[1].add_related(PICTURE, "image", "png", cid="<logo@example.org>")
        self.append(mailbox, mail)
        job, = self.expect_jobs(task, 1)
        status, headers, body = self.html(job)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertTrue(headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';"))
        shown = body.decode()
        self.assertIn("Счёт", shown)
        self.assertIn(f'src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}"', shown)

        plain = EmailMessage()
        plain["Subject"] = "Without HTML"
        plain.set_content("plain")
        self.append(mailbox, plain)
        self.expect_jobs(task, 2)
        without = next(one for one in task.jobs() if one["id"] != job["id"])
        self.assertEqual(self.html(without)[0], 404)

    def test_The_dashboard_counts_jobs_and_the_states_of_mailboxes(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="One")
        self.expect_jobs(task, 1)
        dashboard = self.host.get("/api/dashboard?minutes=60")
        self.assertEqual(sum(bucket["jobs"] for bucket in dashboard["buckets"]), 1)
        self.assertEqual(sum(bucket["succeeded"] for bucket in dashboard["buckets"]), 1)
        latency, = [bucket["latencyMs"] for bucket in dashboard["buckets"] if bucket["jobs"]]
        self.assertLess(latency, 60_000)
        self.assertEqual(dashboard["backlog"], {"queued": 0, "starting": 0, "running": 0})

        def watched():
            page = self.host.get("/api/dashboard")["items"].get("incoming-email", {})
            return sum(page.values()) == 1 and page.keys() <= {"watching", "polling"}
        eventually(watched, "the mailbox's state to be seen", patience=60)


if __name__ == "__main__":
    main()
