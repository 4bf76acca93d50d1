"""A mailbox on an Exchange server: what its mails cost in requests, bytes, time and memory, beside the loops that people write
with Debian's python3-exchangelib. The server is the simulator of the tests, over TLS, and all sign in by NTLM."""

import dataclasses
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from exchange_peers import exchange_peers

from exchange import Exchange
from host import Host
from mail import a_large_mail, a_mail
from measure import StartBell, milliseconds, nanoseconds, peak_mib, reset_peak, resident_mib

ITEMS = "/api/settings-pages/incoming-email/items"
PASSWORD = "bench-secret"
PATIENCE = 600


class Ours:
    """A mailbox of the host, with a started task on it; parameters are the trigger's."""

    def __init__(self, host, server, address, command, **parameters):
        self._host, self.pid = host, host.process.pid
        host.post(ITEMS, {"Email": address, "Password": PASSWORD, "Protocol": "MS Exchange", "EWSUrl": server.url(),
                          "CaCertificate": server.certificates.ca_pem})
        self._task = host.post("/api/tasks", {"name": address, "project": command, "triggers": [
            {"type": "run-on-email", "parameters": {"Email": address, **parameters}}]})
        host.post(f"/api/tasks/{self._task['id']}/start")
        wait_for(lambda: server.sessions(address), "our stream to hang")

    def job_times(self, moment):
        """Of all jobs, in their order: createdAt or startedAt in nanoseconds."""
        jobs = self._host.every(f"/api/jobs?task={self._task['id']}")
        return sorted(nanoseconds(job[moment]) for job in jobs)

    def stop(self):
        self._host.post(f"/api/tasks/{self._task['id']}/stop")


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE} s in vain for {what}")
        time.sleep(0.02)


def ordinary_mails(count):
    """Of 30 kB on average: a text, and an attachment that does not shrink."""
    chance = random.Random(7)
    return [a_mail(subject=f"Order {number}", text="Please process the order in the attached file.\r\n" * 50,
                   attachments=[("order.pdf", "application/pdf", chance.randbytes(chance.randint(6_000, 34_000)))])
            for number in range(count)]


class Clients:
    """Those who are compared: (name, how to start it with an address and a command; it has pid and stop)."""

    def __init__(self, host, server, folder):
        self._host, self._server, self._folder = host, server, folder
        self._addresses = 0

    def ours(self, **parameters):
        return lambda address, command: Ours(self._host, self._server, address, command, **parameters)

    def peers(self):
        for peer in exchange_peers():
            yield peer.name, lambda address, command, peer=peer: peer(
                self._folder / address, self._server, address, PASSWORD, command).start_and_wait(wait_for)

    def address(self):
        """Of a new account."""
        self._addresses += 1
        address = f"robot{self._addresses}@example.com"
        self._server.add_user(address, PASSWORD)
        return address


def cost(server, address, mails, burst):
    """What it costs until all of these mails are marked as read: requests by kind, all HTTP requests, bytes in and out."""
    before, traffic = len(server.requests), dataclasses.replace(server.traffic)
    for start in range(0, len(mails), burst):
        server.deliver_many(address, mails[start:start + burst])
        wait_for(lambda: all(item.read for item in server.mails(address)), "all mails to be marked as read")
    kinds = Counter(one.operation for one in server.requests[before:] if one.address == address)
    now = server.traffic
    return kinds, now.requests - traffic.requests, now.received - traffic.received, now.sent - traffic.sent


def requests(server, clients, count, bursts):
    mails = ordinary_mails(count)
    size = sum(map(len, mails))
    print(f"exchange, requests: {count} mails of {size / count / 1000:.0f} kB on average, each marked as read in the end")
    contestants = [(f"run on email, bursts of {burst}", clients.ours(), burst) for burst in bursts]
    contestants += [(f"the same with Subject, {burst}", clients.ours(Subject="order"), burst) for burst in bursts]
    contestants += [(name, start, bursts[0]) for name, start in clients.peers()]
    totals = {}
    for name, start, burst in contestants:
        address = clients.address()
        client = start(address, ":")
        try:
            kinds, every, received, sent = cost(server, address, mails, burst)
        finally:
            client.stop()
        totals[name] = kinds.total()
        print(f"  {name:33} {kinds.total() * 1000 / count:6.0f} requests for 1,000 mails "
              f"({', '.join(f'{kind} {number}' for kind, number in kinds.most_common())}; with sign-in {every}); "
              f"bytes sent {received / size:.3f} and received {sent / size:.3f} for a byte of mail", flush=True)
    ours = totals[contestants[0][0]]
    for name, _ in clients.peers():
        print(f"  {name:33} asks {totals[name] / ours:5.1f} times as often as {contestants[0][0]}")


def latency(server, clients, rounds, folder):
    print(f"exchange, latency: delivery to job start, {rounds} mails one by one")
    medians = {}
    for name, start in [("run on email", clients.ours()), *clients.peers()]:
        address = clients.address()
        bell = StartBell(folder / f"{address}.bell")
        client = start(address, f"echo started > {bell.path}")
        before = len(server.requests)
        chance, deliveries, samples = random.Random(3), [], []
        try:
            for number in range(rounds):
                # At any moment between two looks of one who polls.
                time.sleep(0.5 + chance.random())
                deliveries.append(time.time_ns())
                server.deliver(address, a_mail(subject=f"Mail {number}"))
                samples.append(bell.wait(number + 1, PATIENCE) - deliveries[-1])
        finally:
            client.stop()
        asked = sum(one.address == address for one in server.requests[before:])
        medians[name] = statistics.median(samples)
        print(f"  {name:33} {milliseconds(samples)}; {asked / rounds:.1f} requests a mail", flush=True)
        if isinstance(client, Ours):
            for what, moment in (("accepted", "createdAt"), ("started", "startedAt")):
                times = [at - delivered for at, delivered in zip(client.job_times(moment), deliveries, strict=True)]
                print(f"    {what:31} {milliseconds(times)}   ({moment} of the job)", flush=True)
    for name, median in medians.items():
        if name != "run on email":
            print(f"  {name:33} takes {median / medians['run on email']:5.1f} times as long")


def memory(server, clients, folder, size):
    print(f"exchange, memory: one mail of {size >> 20} MiB; the most that is resident above what was before, of the process")
    mail = a_large_mail(size)
    grown = {}
    for name, start in [("run on email", clients.ours()), *clients.peers()]:
        address = clients.address()
        bell = StartBell(folder / f"{address}.bell")
        client = start(address, f"echo started > {bell.path}")
        try:
            server.deliver(address, a_mail())
            bell.wait(1, PATIENCE)
            wait_for(lambda: all(item.read for item in server.mails(address)), "the small mail to be marked as read")
            reset_peak(client.pid)
            before, delivered = resident_mib(client.pid), time.time_ns()
            server.deliver(address, mail)
            seconds = (bell.wait(2, PATIENCE) - delivered) / 1e9
            wait_for(lambda: all(item.read for item in server.mails(address)), "the large mail to be marked as read")
            grown[name] = peak_mib(client.pid) - before
        finally:
            client.stop()
        print(f"  {name:33} {grown[name]:7.1f} MiB above {before:.1f} MiB; job started after {seconds:.1f} s", flush=True)
    for name, more in grown.items():
        if name != "run on email":
            print(f"  {name:33} takes {more / max(grown['run on email'], 1):5.0f} times as much, ours taken as 1 MiB at least")


def exchange(count, rounds):
    if not exchange_peers():
        print("exchange: python3-exchangelib is not installed; ours alone is measured")
    with tempfile.TemporaryDirectory(prefix="roe-bench-") as name, Exchange(mechanisms=("ntlm",)) as server, Host() as host:
        folder = Path(name)
        os.chmod(folder, 0o755)
        clients = Clients(host, server, folder)
        requests(server, clients, count, (250, 1000))
        latency(server, clients, rounds, folder)
        memory(server, clients, folder, 100 << 20)
