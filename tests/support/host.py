"""The mock host as a process: started on a folder of its own, spoken to over HTTP, killed and started again."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from lifetime import Lifetime

ADMINISTRATOR = "administrator-token-of-the-tests"
USER = "user-token-of-the-tests"


class HttpError(Exception):
    """An answer that the caller did not want: status and body."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path} answered {status}: {body}")
        self.status = status
        self.body = body


class HostDied(Exception):
    pass


def build_folder():
    """Where the programs under test are: given by ctest, else the release build beside these sources."""
    given = os.environ.get("ROE_BUILD_DIR")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "build" / "release"


def configuration(users=None, **sections):
    """What the host is started with: two users with tokens; a section given by name replaces its default."""
    config = {
        "Tenants": {"FromAppsettings": True, "TimeOffset": 0, "Items": []},
        "Users": users or [
            {"Name": "root", "Role": "Administrator", "Token": ADMINISTRATOR},
            {"Name": "ivan", "Role": "User", "Token": USER},
        ],
        "Jobs": {"Concurrency": 8},
        "Plugins": {"run-on-email": {"Database": "sqlite"}},
    }
    config.update(sections)
    return config


class Host(Lifetime):
    """One mock host with its data folder. `testing` takes the host and plugin that have crash points."""

    def __init__(self, config=None, folder=None, testing=False, build=None):
        self.environment = {}  # what is added to ours
        self.build = Path(build) if build else build_folder()
        self._own_folder = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="roe-host-") if folder is None else folder)
        self.data = self.folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.program = self.build / "bin" / ("mock-host-testing" if testing else "mock-host")
        self.plugins = self.build / ("plugins-testing" if testing else "plugins")
        self.output = self.folder / "host.log"
        self.address = None
        self.listen = "127.0.0.1:0"
        self.process = None
        self._kept = threading.local()
        self._started = 0
        self.configure(config or configuration())

    def configure(self, config):
        (self.folder / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1))

    # Life

    def start(self, crash_at=None, host_crash_at=None, patience=60):
        """Starts it and returns when it listens. With a crash point it may die before: then HostDied."""
        listening = self.launch(crash_at, host_crash_at)
        deadline = time.monotonic() + patience
        while not listening.wait(0.01):
            if self.process.poll() is not None:
                raise HostDied(f"the host ended with {self.process.returncode} before it listened:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise HostDied(f"the host did not listen within {patience} s:\n{self.tail()}")
        return self

    def launch(self, crash_at=None, host_crash_at=None):
        """Starts it and gives the event that is set when it listens. It dies with the thread that calls this."""
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("ROE_CRASH_AT", "ORCH_HOST_CRASH_AT", "ORCH_SECRET_KEY")}
        if crash_at:
            environment["ROE_CRASH_AT"] = crash_at
        if host_crash_at:
            environment["ORCH_HOST_CRASH_AT"] = host_crash_at
        environment.update(self.environment)
        log = open(self.output, "ab")
        self._started += 1
        log.write(f"--- start {self._started}\n".encode())
        log.flush()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(self.program), "--config", str(self.folder / "config.json"),
             "--plugins", str(self.plugins), "--data", str(self.data), "--listen", self.listen],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment, cwd=self.folder)
        listening = threading.Event()
        threading.Thread(target=self._read_output, args=(self.process, log, listening), daemon=True).start()
        return listening

    def _read_output(self, process, log, listening):
        with process.stdout, log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                if line.startswith(b"listening on http://"):
                    self.address = line.decode().split("http://", 1)[1].strip().rstrip("/")
                    listening.set()

    def stop(self, patience=60):
        """Ends it by SIGTERM and gives its exit status."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.terminate()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"the host did not end within {patience} s of SIGTERM:\n{self.tail()}") from None

    def kill(self):
        """SIGKILL, as a crash or the kernel's memory killer would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait_dead(self, patience):
        """Waits until it died by itself (a crash point); False when it did not."""
        try:
            self.process.wait(patience)
            return True
        except subprocess.TimeoutExpired:
            return False

    def close(self):
        try:
            if self.alive():
                self.stop()
        finally:
            self.kill()
            self._forget_connection()
            if self._own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, size=4000):
        return self.output.read_text(errors="replace")[-size:] if self.output.exists() else ""

    # The process, plugin included

    def memory(self, field="VmRSS"):
        """Bytes, by a field of proc(5)'s status: VmRSS is what is resident now, VmHWM what has been at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(f"{field}:")[1].split()[0]) << 10

    def memory_is_its_own(self):
        """False under a sanitizer, which takes more than what it watches."""
        maps = Path(f"/proc/{self.process.pid}/maps").read_text()
        return not any(name in maps for name in ("/libtsan.", "/libasan."))

    def forget_peak_memory(self):
        # proc(5): 5 sets the peak back to what is resident now.
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def sockets(self):
        """How many are open."""
        def is_socket(descriptor):
            # It may have been closed since it was listed.
            with contextlib.suppress(OSError):
                return os.readlink(f"/proc/{self.process.pid}/fd/{descriptor}").startswith("socket:")

        return sum(map(bool, map(is_socket, os.listdir(f"/proc/{self.process.pid}/fd"))))

    # HTTP

    def request(self, method, path, body=None, token=ADMINISTRATOR, tenant=None, headers=None):
        """(status, headers, bytes) of any call."""
        head = {"Accept": "application/json"}
        if token is not None:
            head["Authorization"] = f"Bearer {token}"
        if tenant is not None:
            head["X-Orch-Tenant"] = tenant
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            head["Content-Type"] = "application/json"
        head.update(headers or {})
        if method != "GET":
            # What changes something is sent on a new connection always, as it must not be sent twice.
            with contextlib.closing(http.client.HTTPConnection(self.address, timeout=120)) as once:
                return _exchange(once, method, path, content, head)
        kept = self._kept_connection()
        try:
            return _exchange(kept, method, path, content, head)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server had closed it meanwhile; a new one must work.
            self._forget_connection()
            return _exchange(self._kept_connection(), method, path, content, head)

    def _kept_connection(self):
        """Each thread's own, to the process that runs now."""
        kept = self._kept
        if getattr(kept, "start", None) != self._started:
            self._forget_connection()
            kept.http = http.client.HTTPConnection(self.address, timeout=120)
            kept.start = self._started
        return kept.http

    def _forget_connection(self):
        if getattr(self._kept, "start", None) is not None:
            self._kept.http.close()
        self._kept.start = None

    def call(self, method, path, body=None, expect=(200, 201, 204), **more):
        """The JSON of an answer that has one of the statuses expected; else HttpError."""
        status, headers, content = self.request(method, path, body, **more)
        if "json" in headers.get("Content-Type", "") and content:
            content = json.loads(content)
        expect = (expect,) if isinstance(expect, int) else expect
        if status not in expect:
            raise HttpError(method, path, status, content)
        return content

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def put(self, path, body, **more):
        return self.call("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def every(self, path, **more):
        """All items of a list, page by page."""
        items, after = [], None
        joint = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{joint}limit=1000" + (f"&after={after}" if after else ""), **more)
            items += page["items"]
            after = page["next"]
            if after is None:
                return items


def _exchange(connection, method, path, content, head):
    connection.request(method, path, content, head)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()
