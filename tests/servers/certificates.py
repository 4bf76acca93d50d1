"""Certificates for test servers, made with the openssl command: a private authority and what it signs."""

import subprocess
from pathlib import Path

KINDS = ("good", "self-signed", "expired", "wrong-host", "chained")

_CA_CONFIG = """
[ca]
default_ca = own
[own]
dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
"""


def _openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed:\n{done.stderr}")
    return done.stdout


def _self_signed(folder, name, subject, extensions, days=3650):
    arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem"),
                 "-subj", subject, "-days", str(days)]
    for extension in extensions:
        arguments += ["-addext", extension]
    _openssl(*arguments)


class Certificates:
    """A folder with ca.pem and, for each kind asked for, <kind>.pem and <kind>.key.

    good: signed by the authority for localhost and 127.0.0.1; wrong-host: signed for another name;
    expired: signed, its time over; self-signed: by no authority;
    chained: signed by an authority of its own ("intermediate"), which the authority has signed and which is sent along.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "ca.pem").exists():
            _self_signed(self.folder, "ca", "/CN=Run on Email test authority",
                         ["keyUsage=critical,keyCertSign,cRLSign"])
            (self.folder / "index.txt").touch()
            (self.folder / "serial").write_text("1000\n")
            (self.folder / "ca.conf").write_text(_CA_CONFIG.format(folder=self.folder))

    @property
    def ca_pem(self):
        return (self.folder / "ca.pem").read_text()

    def make(self, kind):
        """The paths of certificate and key of this kind."""
        certificate, key = self.folder / f"{kind}.pem", self.folder / f"{kind}.key"
        if certificate.exists():
            return certificate, key
        if kind not in KINDS:
            raise ValueError(f"no such kind of certificate: {kind}; there are {', '.join(KINDS)}")
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        if kind == "self-signed":
            _self_signed(self.folder, kind, "/CN=localhost", [names])
            return certificate, key
        if kind == "wrong-host":
            names = "subjectAltName=DNS:mail.elsewhere.example"
        request = self._requested(kind, names)
        if kind == "chained":
            above, key_above = self._intermediate()
            own = _openssl("x509", "-req", "-in", str(request), "-CA", str(above), "-CAkey", str(key_above),
                           "-set_serial", "1", "-copy_extensions", "copy", "-days", "3650")
            certificate.write_text(own + above.read_text())
            return certificate, key
        validity = (["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if kind == "expired"
                    else ["-days", "3650"])
        _openssl("ca", "-batch", "-notext", "-config", str(self.folder / "ca.conf"), *validity,
                 "-in", str(request), "-out", str(certificate))
        return certificate, key

    def _requested(self, name, *extensions):
        """The path of a request for a certificate; its key lies beside it."""
        request = self.folder / f"{name}.csr"
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", str(self.folder / f"{name}.key"), "-out", str(request), "-subj", f"/CN={name}",
                 *(word for extension in extensions for word in ("-addext", extension)))
        return request

    def _intermediate(self):
        certificate, key = self.folder / "intermediate.pem", self.folder / "intermediate.key"
        if not certificate.exists():
            request = self._requested("intermediate", "basicConstraints=critical,CA:TRUE",
                                      "keyUsage=critical,keyCertSign,cRLSign")
            _openssl("ca", "-batch", "-notext", "-config", str(self.folder / "ca.conf"), "-days", "3650",
                     "-in", str(request), "-out", str(certificate))
        return certificate, key

    def of_client(self, name):
        """PEM of a certificate for this common name, signed by the authority, with its key."""
        certificate, key = self.folder / f"client-{name}.pem", self.folder / f"client-{name}.key"
        if not certificate.exists():
            request = self.folder / f"client-{name}.csr"
            _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-keyout", str(key), "-out", str(request), "-subj", f"/CN={name}")
            _openssl("ca", "-batch", "-notext", "-config", str(self.folder / "ca.conf"), "-days", "3650",
                     "-in", str(request), "-out", str(certificate))
        return certificate.read_text() + key.read_text()

    def sha256(self, kind):
        """The fingerprint of the certificate of this kind, or of "intermediate": lower-case hex, no colons."""
        certificate, _ = self._intermediate() if kind == "intermediate" else self.make(kind)
        line = _openssl("x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256")
        return line.split("=", 1)[1].strip().replace(":", "").lower()
