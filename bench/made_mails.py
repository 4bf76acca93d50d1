"""A thousand mails as a robot's mailbox gets them, the same for the same seed: plain texts, HTML with and without a
plain form, attachments of 4 to 500 KB, embedded pictures, mails within mails; Cyrillic in three charsets."""

import base64
import quopri
import random
from urllib.parse import quote

RUSSIAN = ("заказ счёт договор поставка оплата склад срок товар количество цена итого скидка доставка адрес телефон "
           "менеджер письмо вложение подпись отчёт за месяц просим сообщить о готовности спасибо уважаемый клиент").split()
ENGLISH = ("order invoice contract delivery payment stock term goods quantity price total discount shipping address "
           "phone manager letter attachment signature report for month please confirm when ready thank you dear").split()
CHARSETS = ("utf-8", "utf-8", "utf-8", "koi8-r", "windows-1251")
FILES = (("application/pdf", "pdf"), ("image/jpeg", "jpg"), ("application/zip", "zip"), ("application/octet-stream", "bin"),
         ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"))


class Maker:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.boundaries = 0

    def words(self, count):
        vocabulary = RUSSIAN if self.russian else ENGLISH
        return [self.chance.choice(vocabulary) for _ in range(count)]

    def text(self, size):
        lines = []
        while size > 0:
            lines.append(" ".join(self.words(self.chance.randint(3, 12))).capitalize() + ".")
            size -= len(lines[-1])
        return "\r\n".join(lines) + "\r\n"

    def html(self, size, picture=None):
        rows = []
        while size > 0:
            cells = "".join(f'<td style="padding:4px 8px;border:1px solid #ccc">{" ".join(self.words(3))} &amp; '
                            f'<a href="https://shop.example/{self.chance.getrandbits(40):x}">{self.words(1)[0]}</a></td>'
                            for _ in range(4))
            rows.append(f'<tr class="row">{cells}</tr>')
            size -= len(rows[-1])
        image = f'<img src="cid:{picture}" alt="">' if picture else ""
        return (f'<html><head><style>.row{{color:#333}} td{{font-family:Arial}}</style></head><body><h1>'
                f'{" ".join(self.words(4))}</h1><p>{" ".join(self.words(30))}</p>{image}<table>\r\n'
                + "\r\n".join(rows) + "\r\n</table></body></html>\r\n")

    def text_part(self, text, subtype):
        """Fields and body, in the mail's charset, by one of the encodings that senders use."""
        content = text.encode(self.charset)
        encoding = self.chance.choice(("8bit", "base64", "quoted-printable"))
        if encoding == "base64":
            content = base64.encodebytes(content).replace(b"\n", b"\r\n")
        elif encoding == "quoted-printable":
            content = quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        return (f"Content-Type: text/{subtype}; charset={self.charset}\r\n"
                f"Content-Transfer-Encoding: {encoding}\r\n\r\n").encode() + content

    def attachment(self, picture=None):
        size = int(4_000 * 125 ** self.chance.random())
        media_type, ending = ("image/png", "png") if picture else self.chance.choice(FILES)
        name = "-".join(self.words(2)) + f"-{self.chance.randint(1, 999)}.{ending}"
        if name.isascii():
            disposition = f'filename="{name}"'
        elif self.chance.random() < 0.5:
            disposition = f"filename*=utf-8''{quote(name)}"
        else:
            disposition = f'filename="{self.encoded(name)}"'
        head = (f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
                f"Content-Disposition: {'inline' if picture else 'attachment'};\r\n {disposition}\r\n"
                + (f"Content-ID: <{picture}>\r\n" if picture else "") + "\r\n").encode()
        return head + base64.encodebytes(self.chance.randbytes(size)).replace(b"\n", b"\r\n")

    def multipart(self, kind, parts):
        self.boundaries += 1
        boundary = f"=_{self.boundaries:06}_{self.chance.getrandbits(64):016x}"
        head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        return head + b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts) \
            + b"--" + boundary.encode() + b"--\r\n"

    def encoded(self, text):
        if text.isascii():
            return text
        # Each word holds whole characters and at most 75 bytes.
        pieces = [text[at:at + 15] for at in range(0, len(text), 15)]
        return "\r\n ".join(f"=?{self.charset}?B?{base64.b64encode(piece.encode(self.charset)).decode()}?="
                            for piece in pieces)

    def header(self, number):
        name = self.encoded(" ".join(self.words(2)).title())
        trace = "".join(
            f"Received: from mx{hop}.shop.example (mx{hop}.shop.example [192.0.2.{hop}])\r\n"
            f"\tby mail{hop}.example.com (Postfix) with ESMTPS id {self.chance.getrandbits(40):X}\r\n"
            f"\tfor <robot@example.com>; Mon, 02 Nov 2026 10:00:0{9 - hop} +0300\r\n" for hop in range(4))
        signature = base64.b64encode(self.chance.randbytes(192)).decode()
        folded = "\r\n\t".join(signature[at:at + 64] for at in range(0, len(signature), 64))
        return (f"Return-Path: <ann@shop.example>\r\n{trace}"
                "Authentication-Results: mail.example.com; dkim=pass header.d=shop.example; spf=pass; dmarc=pass\r\n"
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=main;\r\n"
                f"\th=from:to:subject:date:message-id; b={folded}\r\n"
                f"From: {name} <ann{number % 50}@shop.example>\r\n"
                f"To: robot@example.com, {self.encoded(' '.join(self.words(2)))} <desk@example.com>\r\n"
                "Cc: boss@example.com\r\n"
                f"Subject: {self.encoded(' '.join(self.words(self.chance.randint(2, 9))) + f' {number}')}\r\n"
                f"Date: Mon, 02 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0300\r\n"
                f"Message-ID: <{number}.{self.chance.getrandbits(64):x}@shop.example>\r\n"
                f"References: <{self.chance.getrandbits(64):x}@example.com> <{self.chance.getrandbits(64):x}@example.com>\r\n"
                "X-Mailer: Shop 4.2\r\nX-Spam-Status: No, score=-1.2\r\nMIME-Version: 1.0\r\n").encode()

    def both_forms(self):
        return self.multipart("alternative", [self.text_part(self.text(self.chance.randint(300, 4_000)), "plain"),
                                              self.text_part(self.html(self.chance.randint(2_000, 40_000)), "html")])

    def body(self, depth=0):
        kind = self.chance.random()
        if kind < 0.30:
            return self.text_part(self.text(self.chance.randint(200, 15_000)), "plain")
        if kind < 0.55:
            return self.both_forms()
        if kind < 0.65:
            return self.text_part(self.html(self.chance.randint(2_000, 40_000)), "html")
        if kind < 0.72:
            picture = f"{self.chance.getrandbits(64):x}@shop.example"
            return self.multipart("related", [self.text_part(self.html(8_000, picture), "html"), self.attachment(picture)])
        if kind < 0.76 and depth == 0:
            inner = b"Content-Type: message/rfc822\r\n\r\n" + self.header(0) + self.body(depth + 1)
            return self.multipart("mixed", [self.text_part(self.text(500), "plain"), inner])
        first = self.both_forms() if self.chance.random() < 0.5 else self.text_part(self.text(1_000), "plain")
        return self.multipart("mixed", [first] + [self.attachment() for _ in range(self.chance.choice((1, 1, 1, 2, 4)))])

    def mail(self, number):
        self.russian = self.chance.random() < 0.6
        self.charset = self.chance.choice(CHARSETS) if self.russian else self.chance.choice(("utf-8", "us-ascii"))
        return self.header(number) + self.body()


def made_mails(count, seed=5):
    maker = Maker(seed)
    return (maker.mail(number) for number in range(count))
