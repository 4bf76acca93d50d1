"""What a job gets: the document of product.md, on its standard input, as a file, and over HTTP."""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from vocabulary import Story, main  # noqa: E402

FIELDS = {
    "schema": str, "mailbox": dict, "trigger": str, "messageId": str, "uid": str, "receivedAt": str, "date": str,
    "from": list, "sender": (dict, type(None)), "replyTo": list, "to": list, "cc": list, "subject": str, "text": str,
    "html": (str, type(None)), "headers": list, "inReplyTo": (str, list, type(None)), "references": list,
    "importance": (str, type(None)), "attachments": list,
    "protection": list, "calendar": (dict, type(None)), "raw": str, "size": int, "warnings": list,
}
RFC_3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


class Payload(Story):
    def job_of(self, raw):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, then='cat > seen-on-stdin; cmp seen-on-stdin "$ORCH_JOB_PAYLOAD"')
        self.dovecot.deliver(mailbox["Email"], raw)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["exitCode"], 0, job["output"])
        self.mailbox, self.task = mailbox, task
        return job

    def download(self, path):
        status, headers, content = self.host.request("GET", path)
        self.assertEqual(status, 200)
        return headers, content

    def test_Every_field_is_there_with_its_type(self):
        raw = a_mail(subject="Заказ № 5", sender="Анна Ким <ann@shop.example>", identifier="five@shop.example",
                     text="Hello\nthere\n", headers={"Cc": "Bob <bob@x.example>, carl@x.example",
                                                     "Reply-To": "desk@shop.example", "Importance": "high",
                                                     "In-Reply-To": "<four@shop.example>",
                                                     "References": "<one@shop.example> <four@shop.example>"})
        job = self.job_of(raw)
        payload = job["payload"]
        for field, kind in FIELDS.items():
            self.assertIn(field, payload)
            self.assertIsInstance(payload[field], kind, field)
        self.assertEqual(payload["mailbox"], {"address": self.mailbox["Email"], "protocol": "IMAP", "folder": "INBOX"})
        self.assertEqual(payload["trigger"], self.task.trigger)
        self.assertEqual(payload["messageId"].strip("<>"), "five@shop.example")
        self.assertEqual(payload["subject"], "Заказ № 5")
        self.assertEqual(payload["from"], [{"name": "Анна Ким", "address": "ann@shop.example"}])
        self.assertEqual(payload["to"], [{"name": None, "address": "robot@example.com"}])
        self.assertEqual([one["address"] for one in payload["cc"]], ["bob@x.example", "carl@x.example"])
        self.assertEqual(payload["replyTo"][0]["address"], "desk@shop.example")
        self.assertEqual(payload["text"].replace("\r\n", "\n").strip(), "Hello\nthere")
        self.assertEqual([one.strip("<>") for one in payload["references"]], ["one@shop.example", "four@shop.example"])
        self.assertEqual(payload["importance"], "high")
        self.assertEqual(payload["attachments"], [])
        self.assertEqual(payload["warnings"], [])
        self.assertEqual(payload["uid"], "1")
        for time in ("receivedAt", "date"):
            self.assertRegex(payload[time], RFC_3339)
        names = [header["name"].lower() for header in payload["headers"]]
        self.assertLess(names.index("subject"), names.index("message-id"))

    def test_The_raw_mail_is_kept_byte_by_byte(self):
        raw = a_mail(text="Zeile 1\n\n.\nFrom here on\n" + "x" * 5000 + "\n")
        job = self.job_of(raw)
        kept = Path(job["payload"]["raw"])
        self.assertTrue(kept.is_absolute())
        _, downloaded = self.download(f"/api/jobs/{job['id']}/raw")
        self.assertEqual(downloaded, kept.read_bytes())
        # The delivery agent adds its trace headers in front.
        self.assertTrue(downloaded.endswith(raw), downloaded[:600])
        self.assertEqual(job["payload"]["size"], len(downloaded))

    def test_Attachments_are_described_and_can_be_downloaded(self):
        attachments = [("Счёт.pdf", "application/pdf", bytes(range(256)) * 40),
                       ("notes.txt", "text/plain", b"remember\n"),
                       ("notes.txt", "text/plain", b"the same name\n"),
                       ("../../etc/passwd", "application/octet-stream", b"not there"),
                       ("empty.bin", "application/octet-stream", b"")]
        job = self.job_of(a_mail(attachments=attachments))
        described = job["payload"]["attachments"]
        self.assertEqual(len(described), len(attachments))
        paths = set()
        for number, ((name, media_type, content), one) in enumerate(zip(attachments, described)):
            self.assertEqual(one["mediaType"], media_type)
            self.assertEqual(one["size"], len(content))
            self.assertEqual(one["sha256"].lower(), hashlib.sha256(content).hexdigest())
            self.assertFalse(one["inline"])
            self.assertIn("contentId", one)
            if "/" not in name:
                self.assertEqual(one["name"], name)
            path = Path(one["path"]).resolve()
            self.assertTrue(path.is_relative_to(self.host.data.resolve()), path)
            self.assertEqual(path.read_bytes(), content)
            paths.add(path)
            headers, downloaded = self.download(f"/api/jobs/{job['id']}/attachments/{number}")
            self.assertEqual(downloaded, content)
            self.assertIn("attachment", headers.get("Content-Disposition", ""))
        self.assertEqual(len(paths), len(attachments))

    def test_Text_comes_from_HTML_where_there_is_no_plain_part(self):
        raw = ("From: ann@shop.example\r\nSubject: HTML only\r\nMIME-Version: 1.0\r\n"
               "Content-Type: text/html; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n").encode()
        html = "<html><style>p{color:red}</style><body><p>Здравствуйте,<br>мир &amp; все</p><script>x()</script></body></html>"
        job = self.job_of(raw + base64.encodebytes(html.encode("koi8-r")))
        text = job["payload"]["text"]
        self.assertIn("Здравствуйте,", text)
        self.assertIn("мир & все", text)
        self.assertNotIn("color", text)
        self.assertNotIn("x()", text)
        self.assertIn("<p>", job["payload"]["html"])

    def test_Pain_15_text_in_any_charset_or_none_comes_out_as_it_was_written(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, then='iconv -f UTF-8 -t UTF-8 "$ORCH_JOB_PAYLOAD" > checked')
        orders = self.given_task(mailbox, Subject="ЗАКАЗ")
        order, czech = "Заказ № 5 готов", "Žluťoučký kůň"
        half = order.encode().index("№".encode()) + 1
        cut_in_a_character = b"\r\n ".join(b"=?UTF-8?B?" + base64.b64encode(part) + b"?="
                                           for part in (order.encode()[:half], order.encode()[half:]))
        plain = "Заказ на поставку готов"  # without what KOI8-R and CP866 have no letter for
        written = {  # subject as written, text as written, the charset that it names; subject and text as they are meant
            "words": (cut_in_a_character, order.encode("windows-1251"), "windows-1251", order, order),
            "utf-8": (order.encode(), plain.encode("koi8-r"), "koi8-r", order, plain),
            "body": (czech.encode("windows-1250"), czech.encode("windows-1250"), "windows-1250", czech, czech),
            "lies": (order.encode("windows-1251"), order.encode("windows-1251"), "utf-8", order, order),
            **{charset: (plain.encode(charset), plain.encode(charset), None, plain, plain)
               for charset in ("windows-1251", "koi8-r", "cp866", "iso-8859-5")}}
        # Words that alone look as likely in another charset; the sender's name tells.
        word = "предупреждение"
        written["name"] = (word.encode("koi8-r"), plain.encode("koi8-r"), None, word, plain)
        for name, (subject, text, charset, _, _) in written.items():
            sender = "Анна Ким".encode("koi8-r") if name == "name" else b"Ann"
            self.deliver_raw(mailbox, name, subject, text, charset, sender)
        self.deliver_raw(mailbox, "rubbish", b"order \xff\xfe\xc0\xaf\xed\xa0\x80", bytes(range(256)) * 3, "utf-8")
        jobs = {job["payload"]["messageId"]: job["payload"] for job in self.expect_jobs(task, len(written) + 1)}
        shown = {row["messageId"]: row["subject"] for row in task.messages()}
        for name, (_, _, charset, subject, text) in written.items():
            with self.subTest(name):
                payload = jobs[f"{name}@shop.example"]
                self.assertEqual(payload["subject"], subject)
                self.assertEqual(shown[f"{name}@shop.example"], subject)
                self.assertEqual(payload["text"].strip(), text)
                guessed = charset is None or name == "lies"
                self.assertEqual(any("guessed" in words for words in payload["warnings"]), guessed, payload["warnings"])
        self.assertEqual(jobs["name@shop.example"]["from"][0]["name"], "Анна Ким")
        self.expect_jobs(orders, len(written) - 2)

    def deliver_raw(self, mailbox, name, subject, text, charset, sender=b"Ann"):
        head = (b"From: " + sender + f" <ann@shop.example>\r\nMessage-ID: <{name}@shop.example>\r\nSubject: ".encode()
                + subject)
        kind = f"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}" if charset else ""
        self.dovecot.deliver_many(mailbox["Email"], [head + kind.encode() + b"\r\n\r\n" + text + b"\r\n"])

    def test_Pain_24_attachments_without_names_or_with_the_same_are_all_there(self):
        names = (None, None, "notes.txt", "notes.txt", "NOTES.TXT", "notes-2.txt", "notes (2).txt", "notes.txt", "..", "message.eml")
        attachments = [(name, "application/pdf", f"content {number}".encode()) for number, name in enumerate(names)]
        job = self.job_of(a_mail(attachments=attachments))
        described = job["payload"]["attachments"]
        self.assertEqual([one["name"] for one in described], list(names))
        self.assertEqual(len({one["path"] for one in described}), len(names))
        for number, ((_, _, content), one) in enumerate(zip(attachments, described)):
            self.assertEqual(Path(one["path"]).read_bytes(), content)
            self.assertEqual(self.download(f"/api/jobs/{job['id']}/attachments/{number}")[1], content)
        self.assertIn(b"notes (2).txt", Path(job["payload"]["raw"]).read_bytes())

    def test_What_old_and_other_formats_wrap_is_unwrapped(self):
        tnef = (Path(__file__).resolve().parents[1] / "fuzz/seeds/tnef/attributes.tnef").read_bytes()
        invitation = (b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:17@shop.example\r\n"
                      b"DTSTART:20260305T100000Z\r\nSUMMARY:Review\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
        text = "before\nbegin 644 old.txt\n%2&5L;&\\`\n`\nend\nafter\n"
        job = self.job_of(a_mail(text=text, attachments=[("winmail.dat", "application/ms-tnef", tnef),
                                                         ("invite.ics", "text/calendar", invitation),
                                                         ("smime.p7s", "application/pkcs7-signature", b"x")]))
        payload = job["payload"]
        contents = {one["name"]: Path(one["path"]).read_bytes() for one in payload["attachments"]}
        self.assertEqual(contents, {"old.txt": b"Hello", "Отч.txt": b"one", "b.bin": b"two" * 20,
                                    "invite.ics": invitation, "smime.p7s": b"x"})
        self.assertEqual(payload["text"].replace("\r\n", "\n"), "before\nafter\n")
        self.assertEqual((payload["calendar"]["method"], payload["calendar"]["start"]), ("REQUEST", "2026-03-05T10:00:00Z"))
        self.assertEqual(payload["protection"], [])
        self.assertEqual(payload["warnings"], [])

    def test_A_signed_mail_is_named_as_one_and_passed_through(self):
        raw = (b"From: ann@shop.example\r\nSubject: Signed\r\nMIME-Version: 1.0\r\n"
               b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n'
               b"--s\r\n\r\nHello\r\n--s\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n"
               b"-----BEGIN PGP SIGNATURE-----\r\n--s--\r\n")
        payload = self.job_of(raw)["payload"]
        self.assertEqual(payload["protection"], [{"kind": "PGP", "signed": True, "encrypted": False}])
        self.assertEqual(payload["text"], "Hello")
        self.assertEqual([one["name"] for one in payload["attachments"]], ["signature.asc"])

    def test_A_large_mail_goes_through(self):
        content = bytes(range(256)) * 100_000
        job = self.job_of(a_mail(attachments=[("large.bin", "application/octet-stream", content)]))
        one, = job["payload"]["attachments"]
        self.assertEqual(one["size"], len(content))
        self.assertEqual(one["sha256"].lower(), hashlib.sha256(content).hexdigest())

    def test_The_job_sees_no_secret_of_the_host(self):
        mailbox = self.given_mailbox("plain", self.given_account("Password-of-ann-4711"))
        task = self.given_task(mailbox, then="env; pwd; ls -A; ls /proc/self/fd")
        self.deliver(mailbox, subject="; touch /tmp/pwned; $(id) `id`")
        job, = self.expect_jobs(task, 1)
        output = job["output"]
        names = {line.split("=")[0] for line in output.splitlines() if re.match(r"^[A-Z_]+=", line)}
        self.assertLessEqual(names, {"PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR",
                                     "ORCH_JOB_ID", "ORCH_JOB_PAYLOAD"}, output)
        self.assertNotIn("Password-of-ann", json.dumps(job))
        self.assertNotIn("pwned", output)

    def test_Exit_code_and_output_are_kept(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, then='echo "Привет"; echo error >&2; exit 3')
        self.deliver(mailbox)
        job, = self.expect_jobs(task, 1, all_succeed=False)
        self.assertEqual((job["state"], job["exitCode"]), ("failed", 3))
        self.assertIn("Привет", job["output"])
        self.assertIn("error", job["output"])
        self.expect_flags(mailbox, {1: {"\\Seen"}})
        again = self.host.post(f"/api/jobs/{job['id']}/retry")
        self.assertEqual(again["retryOf"], job["id"])
        self.assertNotEqual(again["id"], job["id"])
        self.expect_jobs(task, 2, all_succeed=False)


if __name__ == "__main__":
    main()
