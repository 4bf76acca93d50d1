"""What it costs to decode a mail: our payload beside Python's email package and npm's mailparser, each in a process of
its own on one core, on the same made mails."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from host import build_folder
from mail import a_large_mail, a_mail
from made_mails import made_mails

DECODERS = Path(__file__).resolve().parent / "decoders"
LARGE = 100 << 20


class Decoder:
    """A program that takes: what to do, the folder of the mails, a folder for attachments, how many rounds."""

    name = "run on email"
    does = ("speed",)

    environment = {}

    def missing(self):
        """Why it can't be measured here, if so."""
        return None

    def arguments(self):
        return [build_folder() / "bench" / "decode_ours"]

    def run(self, what, mails, spool, rounds, more=None):
        """What it says, a number a line. It has one core."""
        shutil.rmtree(spool, ignore_errors=True)
        spool.mkdir()
        try:
            done = subprocess.run(
                ["taskset", "-c", str(max(os.sched_getaffinity(0))), *map(str, self.arguments()), what, str(mails),
                 str(spool), str(rounds)], stdout=subprocess.PIPE, check=True, text=True,
                env={**os.environ, **self.environment, **(more or {})})
            return done.stdout.splitlines()
        finally:
            shutil.rmtree(spool, ignore_errors=True)

    def of_its_own_heap(self, _):
        """Bytes that it has given out besides malloc's."""
        return 0


class PythonEmail(Decoder):
    name = "python email"
    does = ("decode", "speed")

    def arguments(self):
        return [sys.executable, DECODERS / "python_email.py"]


class Mailparser(Decoder):
    name = "mailparser"
    does = ("decode", "speed")
    flags = ()

    def __init__(self):
        self.folder = build_folder().parent / "bench" / "mailparser"
        self.environment = {"NODE_PATH": str(self.folder / "node_modules")}

    def missing(self):
        if not shutil.which("node") or not shutil.which("npm"):
            return "no Node.js with npm"
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(DECODERS / name, self.folder)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return f"npm could not install it: {done.stdout.strip().splitlines()[-1:]}" if done.returncode else None

    def arguments(self):
        return ["node", *self.flags, DECODERS / "mailparser.js"]

    def of_its_own_heap(self, run):
        """V8 takes little objects from its own heap: what each collection found more than the one before had left."""
        self.flags = ("--trace-gc",)
        try:
            lines = "\n".join(run())
        finally:
            self.flags = ()
        given, left = 0.0, 0.0
        for before, after in re.findall(r"ms: [A-Za-z-]+[^\d\n]*([\d.]+) \([\d.]+\) -> ([\d.]+) \(", lines):
            given += float(before) - left
            left = float(after)
        return given * (1 << 20)


def per_second(decoder, what, mails, spool, count, rounds):
    # The first round warms up caches and compilers.
    seconds = [float(line) for line in decoder.run(what, mails, spool, rounds + 1)[1:]]
    return count / statistics.median(seconds)


def allocations(decoder, mails, spool, count):
    """(times, bytes) for each mail: what a third round asks for beyond two."""
    def asked(rounds):
        with tempfile.NamedTemporaryFile("r") as said:
            # Python and GLib have allocators of their own, which are told to ask for each object.
            decoder.run("speed", mails, spool, rounds, {
                "LD_PRELOAD": str(build_folder() / "bench" / "count_allocations.so"), "ALLOCATIONS": said.name,
                "PYTHONMALLOC": "malloc", "G_SLICE": "always-malloc"})
            times, size = map(int, said.read().split())
        return times, size + decoder.of_its_own_heap(lambda: decoder.run("speed", mails, spool, rounds))

    two, three = asked(2), asked(3)
    return tuple((more - less) / count for more, less in zip(three, two))


def decode(count, rounds):
    if not (build_folder() / "bench" / "decode_ours").exists():
        raise SystemExit("first: cmake --build --preset release --target decode_ours count_allocations")
    print(f"decode: {count} made mails, each program on one core, figures by processor time")
    # Attachments go to memory where there is a folder for that, so that no disk is measured.
    memory_folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="roe-bench-", dir=memory_folder) as folder:
        mails, large, spool = (Path(folder) / name for name in ("mails", "large", "spool"))
        mails.mkdir()
        large.mkdir()
        size = 0
        for number, mail in enumerate(made_mails(count)):
            size += len(mail)
            (mails / f"{number:06}.eml").write_bytes(mail)
        (large / "1.eml").write_bytes(a_mail(attachments=[("small.bin", "application/octet-stream", b"small")]))
        (large / "2.eml").write_bytes(a_large_mail(LARGE))
        print(f"  {size / count / 1024:.0f} KiB a mail")
        decoders = []
        for one in (Decoder(), PythonEmail(), Mailparser()):
            missing = one.missing()
            if missing:
                print(f"  {one.name:14} left out: {missing}")
            else:
                decoders.append(one)
        speeds = {}
        for what, told in (("decode", "decoded only"), ("speed", "decoded, attachments and JSON written")):
            for one in decoders:
                if what in one.does:
                    speeds[one.name, what] = per_second(one, what, mails, spool, count, rounds)
                    print(f"  {one.name:14} {told:40} {speeds[one.name, what]:8.0f} mails/s", flush=True)
        asked = {}
        for one in decoders:
            asked[one.name] = allocations(one, mails, spool, count)
            times, given = asked[one.name]
            print(f"  {one.name:14} {times:8.0f} allocations a mail, {given / 1024:8.0f} KiB", flush=True)
        for one in decoders:
            peak = int(one.run("memory", large, spool, 1)[0]) / 1024
            print(f"  {one.name:14} {peak:8.1f} MiB more at the peak of a mail of {LARGE >> 20} MiB", flush=True)
        ours = decoders[0].name
        for one in decoders[1:]:
            only, whole = (speeds[ours, "speed"] / speeds[one.name, what] for what in one.does)
            print(f"  {ours} decodes {whole:5.1f} times as many mails a second as {one.name}, {only:5.1f} times as many as "
                  f"it does without writing, and allocates 1/{asked[one.name][1] / asked[ours][1]:.1f} of the bytes")
