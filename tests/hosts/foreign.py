#!/usr/bin/env python3
"""The plugin in hosts that are not ours: plain C, and one that is full of traps where a Poco of its own would be."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "servers"), str(TESTS / "support")]
from dovecot import Dovecot  # noqa: E402
from mail import a_mail  # noqa: E402

BUILD = Path(os.environ.get("ROE_BUILD_DIR", TESTS.parent / "build" / "release"))
LIBRARY = BUILD / "plugins" / "run-on-email" / "librun-on-email.so"
ROUNDS = "100"


def words_of(done):
    """What a host said, without the long descriptions."""
    return "\n".join([done.stderr[-3000:]] + [line[:300] for line in done.stdout.splitlines()])


def one_mail_over_tls(test, subject, run, principals=(), server_options=(), parameters=None, **fields):
    """Has `run(*arguments)` start a host on a mailbox with one mail waiting, looks for its job, and gives what it printed.

    principals: whose Kerberos tickets open the mailbox; fields: of the form, None leaves one out."""
    address, password = "robot@example.com", "a password of the tests"
    with Dovecot(**dict(server_options)) as server:
        server.add_user(address, password, principals=principals)
        server.deliver(address, a_mail(subject=subject))
        mailbox = {"Email": address, "Password": password, "Protocol": "IMAP", "Imap": "localhost",
                   "ImapPort": server.imaps, "UseSsl": True, "UseStandartNotSSLPort": False,
                   "CaCertificate": (server.certificates.folder / "ca.pem").read_text()}
        mailbox = {field: value for field, value in {**mailbox, **fields}.items() if value is not None}
        done = run("--mailbox", json.dumps(mailbox),
                   "--parameters", json.dumps({"Email": address, "StartFrom": "all", **(parameters or {})}))
    test.assertEqual(done.returncode, 0, words_of(done))
    jobs = [json.loads(line.split(" ", 1)[1]) for line in done.stdout.splitlines() if line.startswith("job ")]
    test.assertEqual([job["subject"] for job in jobs], [subject])
    test.assertNotIn(password, done.stdout + done.stderr)
    return done


def run_host(program, *arguments, library=LIBRARY):
    with tempfile.TemporaryDirectory(prefix="roe-c-host-") as data:
        return subprocess.run([BUILD / "tests" / program, library, "--data", data, *arguments],
                              capture_output=True, text=True, timeout=250)


class InPlainC(unittest.TestCase):
    program = "c_host"

    def test_starts_and_stops_a_hundred_times_and_leaves_nothing_behind(self):
        done = run_host(self.program, "--rounds", ROUNDS)
        self.assertEqual(done.returncode, 0, words_of(done))
        lines = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
        self.assertEqual([page["id"] for page in json.loads(lines["pages"])], ["incoming-email"])
        kind, = json.loads(lines["types"])
        self.assertEqual(kind["id"], "run-on-email")
        self.assertNotIn("Resource", kind["schema"]["properties"], "this host has no assets")
        self.assertNotIn("NotifyAuthors", kind["schema"]["properties"], "this host sends no mails")

    def test_a_mail_over_tls_starts_its_job(self):
        one_mail_over_tls(self, "Waiting since before", lambda *arguments: run_host(self.program, *arguments))

    def test_an_author_is_told_the_outcome_that_this_host_tells_once_for_its_key(self):
        done = one_mail_over_tls(self, "An order",
                                 lambda *arguments: run_host(self.program, "--outcome", "succeeded", *arguments),
                                 parameters={"From": "@shop.example", "NotifyAuthors": True})
        line, = [line for line in done.stdout.splitlines() if line.startswith("notification ")]
        _, key, message = line.split(" ", 2)
        self.assertEqual(key, "job-1/outcome/1")
        message = json.loads(message)
        self.assertEqual(message["to"], ["ann@shop.example"])
        self.assertEqual(message["subject"], "Auto: An order")
        self.assertIn("the task has succeeded", message["text"])

    def test_a_resource_is_refused_in_words_as_this_host_has_no_assets(self):
        mailbox = {"Email": "robot@example.com", "Password": "x", "Protocol": "IMAP", "Imap": "localhost"}
        done = run_host(self.program, "--mailbox", json.dumps(mailbox), "--parameters",
                        json.dumps({"Email": "robot@example.com", "Resource": "last-mail"}))
        self.assertEqual(done.returncode, 1, words_of(done))
        self.assertIn("Resource", done.stderr)
        self.assertIn("this host has no assets", done.stderr)


class AmongTraps(InPlainC):
    """Every symbol of Poco that the process looks up by name is an illegal instruction."""
    program = "c_host_among_traps"

    def test_the_traps_are_set(self):
        needed = subprocess.run(["ldd", BUILD / "tests" / self.program], capture_output=True, text=True).stdout
        for component in ("Foundation", "Net", "Crypto", "NetSSL", "Util", "Data", "DataSQLite", "DataPostgreSQL"):
            self.assertRegex(needed, rf"libPoco{component}\.so\.80 => \S*poisoned-poco")

    def test_a_library_that_binds_to_the_hosts_poco_dies(self):
        """Else the tests above would prove nothing."""
        with tempfile.TemporaryDirectory(prefix="roe-victim-") as folder:
            source = Path(folder) / "victim.cpp"
            source.write_text('namespace Poco { struct ErrorHandler { static void handle(); }; }\n'
                              'extern "C" int orch_plugin_entry() { Poco::ErrorHandler::handle(); return 0; }\n')
            victim = Path(folder) / "victim.so"
            subprocess.run(["c++", "-shared", "-fPIC", "-o", victim, source], check=True)
            done = run_host(self.program, library=victim)
        self.assertEqual(done.returncode, -signal.SIGILL, f"expected SIGILL: {done.stderr}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
