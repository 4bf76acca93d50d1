"""A mail of 100 MB: the memory of the process does not grow with it, from the server's first byte to the job's."""

import base64
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail, message_id  # noqa: E402
from vocabulary import Story, main  # noqa: E402

SIZE = 100 << 20
MOST_MORE = 16 << 20


def a_large_mail(size):
    """One attachment of random bytes, in base64, that brings the mail to this size."""
    boundary = "the-boundary"
    head = (f"From: ann@shop.example\r\nTo: robot@example.com\r\nSubject: Large\r\nMessage-ID: <{message_id()}>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n"
            f"Content-Type: text/plain\r\n\r\nSee the file.\r\n--{boundary}\r\n"
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            'Content-Disposition: attachment; filename="large.bin"\r\n\r\n').encode()
    line = base64.b64encode(os.urandom(57)) + b"\r\n"
    return head + line * (size // len(line)) + f"--{boundary}--\r\n".encode()


class LargeMail(Story):
    def memory(self, field):
        status = Path(f"/proc/{self.host.process.pid}/status").read_text()
        return int(status.split(f"{field}:")[1].split()[0]) << 10

    def forget_peak(self):
        # proc(5): 5 sets the peak back to what is resident now.
        Path(f"/proc/{self.host.process.pid}/clear_refs").write_text("5")

    def memory_that_it_takes(self, connection):
        mailbox = self.given_mailbox(connection)
        task = self.given_task(mailbox, then="wc -c < \"$ORCH_JOB_PAYLOAD\"")
        # What is loaded and cached with the first mail is not the large one's.
        self.dovecot.deliver_many(mailbox["Email"], [a_mail()])
        self.expect_jobs(task, 1, settle=1)
        self.forget_peak()
        before = self.memory("VmRSS")
        self.dovecot.deliver_many(mailbox["Email"], [a_large_mail(SIZE)])
        job = self.expect_jobs(task, 2, patience=120)[-1]
        attachment, = job["payload"]["attachments"]
        self.assertGreater(attachment["size"], SIZE * 2 // 3)
        return self.memory("VmHWM") - before

    def test_Pain_11_a_large_mail_takes_no_memory(self):
        for connection in ("plain", "tls"):
            with self.subTest(connection):
                more = self.memory_that_it_takes(connection)
                print(f"{connection}: {more / (1 << 20):.1f} MB more at its peak")
                self.assertLess(more, MOST_MORE)


if __name__ == "__main__":
    main()
