"""The same with Python's email package, by its present interface (policy.default): see bench/decode.py.

It has no HTML reader, so the text of a mail that has HTML only stays empty: less work than the others do.
"""

import hashlib
import json
import sys
import time
from email import message_from_binary_file, policy
from email.utils import parsedate_to_datetime
from pathlib import Path


def addresses(mail, field):
    return [{"name": one.display_name or None, "address": one.addr_spec}
            for value in mail.get_all(field, []) for one in value.addresses]


def decode(path, spool, keep):
    """The document of a mail as JSON, its attachments in the folder `spool`; without `keep` only decoded."""
    with open(path, "rb") as file:
        mail = message_from_binary_file(file, policy=policy.default)
    texts, html, attachments = [], [], []
    for part in mail.walk():
        if part.is_multipart():
            continue
        if part.get_content_maintype() == "text" and not part.is_attachment():
            (html if part.get_content_subtype() == "html" else texts).append(part.get_content())
            continue
        content = part.get_payload(decode=True)
        name = part.get_filename()
        attachments.append({"name": name, "mediaType": part.get_content_type(), "size": len(content),
                            "contentId": part["Content-ID"]})
        if keep:
            attachments[-1]["sha256"] = hashlib.sha256(content).hexdigest()
            kept = spool / f"{len(attachments)}-{Path(name or 'attachment').name}"
            kept.write_bytes(content)
            attachments[-1]["path"] = str(kept)
    document = {
        "headers": [{"name": name, "value": str(value)} for name, value in mail.items()],
        "from": addresses(mail, "From"), "to": addresses(mail, "To"), "cc": addresses(mail, "Cc"),
        "subject": mail["Subject"], "messageId": mail["Message-ID"],
        "date": mail["Date"] and parsedate_to_datetime(mail["Date"]).isoformat(),
        "text": "\n".join(texts), "html": "\n".join(html), "attachments": attachments}
    return json.dumps(document, ensure_ascii=False) if keep else document


def kibibytes(field):
    return int(Path("/proc/self/status").read_text().split(f"{field}:")[1].split()[0])


def main():
    what, folder, spool, rounds = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    mails = sorted(folder.iterdir())

    def decode_into(path, place):
        if what != "decode":
            place.mkdir(parents=True, exist_ok=True)
        decode(path, place, what != "decode")

    if what == "memory":
        decode_into(mails[0], spool / "first")
        Path("/proc/self/clear_refs").write_text("5")
        before = kibibytes("VmRSS")
        for number, path in enumerate(mails[1:]):
            decode_into(path, spool / str(number))
        print(kibibytes("VmHWM") - before)
        return
    for lap in range(rounds):
        began = time.process_time()
        for number, path in enumerate(mails):
            decode_into(path, spool / str(lap) / str(number))
        print(f"{time.process_time() - began:.6f}", flush=True)


main()
