"""Mails for tests, as bytes."""

import base64
import email.policy
import itertools
import os
import random
from email.message import EmailMessage
from email.utils import format_datetime, localtime

_numbers = itertools.count(1)


def message_id():
    return f"{os.getpid()}.{next(_numbers)}.{random.getrandbits(40):x}@sender.example"


def a_mail(subject="An order", sender="ann@shop.example", to="robot@example.com", text="Please process.\n",
           html=None, attachments=(), identifier=None, headers=None):
    """A whole mail. attachments: (name, "type/subtype", bytes); identifier: its Message-ID without brackets."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = f"<{identifier or message_id()}>"
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for name, media_type, content in attachments:
        kind, subtype = media_type.split("/")
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return mail.as_bytes()


def mails_of_size(count, smallest, largest, subject="Load", seed=1):
    """Plain mails with text of random size, quick to make; the same for the same seed."""
    chance = random.Random(seed)
    line = "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ....\r\n"
    for number in range(count):
        body = line * (chance.randint(smallest, largest) // len(line) + 1)
        yield (f"From: Load <load@shop.example>\r\nTo: robot@example.com\r\nSubject: {subject} {number}\r\n"
               f"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{message_id()}>\r\n"
               f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}").encode()


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
