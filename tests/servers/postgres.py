"""A private PostgreSQL in a folder of its own, on a Unix socket; runs without root, and gives root's rights away."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lifetime import Lifetime


def _programs():
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise RuntimeError("no PostgreSQL server is installed: apt-get install postgresql")
    return found[-1].parent


class Postgres(Lifetime):
    """The server; `connection(database)` is a libpq connection string."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="roe-postgres-"))
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        os.chmod(self.folder, 0o755)
        self._process = None

    def _run(self, program, *arguments):
        return {"args": ["setpriv", "--pdeathsig", "INT", str(_programs() / program), *arguments],
                "cwd": self.folder, "stdin": subprocess.DEVNULL,
                **({"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}
                   if os.geteuid() == 0 else {})}

    def start(self, patience=30):
        data = self.folder / "data"
        if not data.exists():
            done = subprocess.run(**self._run("initdb", "-D", str(data), "-U", "roe", "-A", "trust", "-E", "UTF8",
                                              "--locale", "C"), capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        deadline = time.monotonic() + patience
        while True:
            if self._process is None or self._process.poll() is not None:
                self._launch(data)
            ready = subprocess.run([_programs() / "pg_isready", "-q", "-h", self.folder, "-U", "roe", "-d", "postgres"])
            if ready.returncode == 0 and self._process.poll() is None:
                return self
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-3000:]}")
            time.sleep(0.05)

    # After a kill the first tries fail, until the last of the old processes has noticed and gone.
    def _launch(self, data):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                **self._run("postgres", "-D", str(data), "-k", str(self.folder), "-c", "listen_addresses="),
                stdout=log, stderr=log, start_new_session=True)

    def new_database(self, name):
        subprocess.run([_programs() / "createdb", "-h", self.folder, "-U", "roe", name], check=True)
        return self.connection(name)

    def connection(self, database):
        return f"host={self.folder} user=roe dbname={database}"

    def kill(self):
        """All of it at once, as a power cut would; `start` recovers."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)
