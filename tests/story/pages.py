"""The web pages in a real browser: a mailbox, a task and its jobs by hand, in both languages, on wide and narrow screens."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from held_imap import HeldImap  # noqa: E402
from host import build_folder, configuration  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import ITEMS, PATIENCE, Story, main  # noqa: E402

STORIES = Path(__file__).resolve().parents[1] / "web"
PASSWORD = "A password, for the pages"


def hashed(password):
    """As the host's configuration wants it."""
    return subprocess.run([build_folder() / "bin" / "password-encryptor", "--hash"], input=password + "\n", text=True,
                          capture_output=True, check=True).stdout.strip()


class Pages(Story):
    browser = shutil.which("chromium")
    _last_account = 0

    @classmethod
    def setUpClass(cls):
        if cls.browser is None:
            raise RuntimeError("there is no chromium; tools/install-dependencies installs it")
        super().setUpClass()
        cls.password_hash = hashed(PASSWORD)
        cls.screenshots = build_folder().parent / "screenshots"
        cls.screenshots.mkdir(exist_ok=True)

    def host_configuration(self):
        config = configuration()
        config["Tenants"]["Items"] = [{"Id": "acme", "Name": "Acme", "TimeOffset": 3, "IncomingEmail": {
            "UserName": "base@example.com", "Imap": "localhost", "RequireAuthenticate": False}}]
        config["Users"][0]["Password"] = self.password_hash
        config["Users"] += [
            {"Name": "olga", "Role": "TenantAdministrator", "Tenant": "acme", "Password": self.password_hash},
            {"Name": "petr", "Role": "User", "Password": self.password_hash}]
        return config

    def tell(self, story, language):
        """Runs the story in the browser and does for it what is done outside of the pages."""
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "node", str(STORIES / "pages.mjs")],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)

        def say(**message):
            child.stdin.write(json.dumps(message) + "\n")
            child.stdin.flush()

        say(story=story, language=language, address=f"http://{self.host.address}", browser=self.browser,
            screenshots=str(self.screenshots), patience=PATIENCE,
            users={name: {"name": name, "password": PASSWORD} for name in ("root", "olga", "petr")})
        asked = {"do": None}
        for line in child.stdout:
            asked = json.loads(line)
            answer = getattr(self, "do_" + asked.pop("do").replace("-", "_"))(**asked)
            say(**(answer or {}))
            if answer == {"done": True}:
                break
        child.stdin.close()
        self.assertEqual(child.wait(), 0, "the story in the browser failed; see above")

    def given_account(self, password="Pass-Wörd-1", name="orders"):
        """With a short address, as they are, that the pages have room for."""
        type(self)._last_account += 1
        address = f"{name}{self._last_account}@example.com"
        self.dovecot.add_user(address, password)
        return address, password

    def do_done(self):
        return {"done": True}

    def do_note(self, text):
        print(text, file=sys.stderr, flush=True)

    def do_account(self, folders=()):
        address, password = self.given_account()
        with self.dovecot.login(address) as session:
            for folder in folders:
                session.create(folder)
        return {"address": address, "password": password, "port": self.dovecot.imap}

    def do_mailbox(self):
        return {"address": self.given_mailbox()["Email"]}

    def do_pop3_mailbox(self):
        """That nobody needs to reach."""
        return {"address": self.host.post(ITEMS, {"Email": "orders.pop3@example.com", "Password": "any", "Protocol": "POP3",
                                                  "Pop3": "localhost"})["Email"]}

    def do_held_account(self):
        """On a server that answers a step of the connection test when it is told to."""
        self.held = HeldImap()
        self.addCleanup(self.held.close)
        return {"address": "held@example.com", "password": "Pass-Wörd-1", "port": self.held.port}

    def do_open_door(self, step):
        self.held.doors[step].set()

    def do_deliver(self, address, folder=None, **mail):
        self.dovecot.deliver(address, a_mail(to=address, **mail), folder)

    def do_change_password(self, address, password):
        """The server knows the new one, and asks everybody for it."""
        self.dovecot.set_password(address, password)
        self.dovecot.restart()

    def do_two_tenants(self):
        """A mailbox and a task in each of two tenants, and one job."""
        own = self.given_mailbox()
        task = self.given_task(own, name="Task of the default tenant")
        self.deliver(own)
        job, = self.expect_jobs(task, 1)
        acme = self.host.post(ITEMS, self.mailbox_fields(*self.given_account()), tenant="acme")
        self.host.post("/api/tasks", {"name": "Task of Acme", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": acme["Email"]}}]}, tenant="acme")
        return {"own": own["Email"], "acme": acme["Email"], "items": ITEMS, "task": task.id, "trigger": task.trigger,
                "job": job["id"]}

    def do_long_names(self):
        """A task and a mailbox as long as they may be, and a job that was killed."""
        address, _ = account = self.given_account(name="a.department." * 4 + "without.a.short.name")
        mailbox = self.given_mailbox(account=account)
        task = self.given_task(mailbox, name="Заявки отдела снабжения, " * 8, then="kill -9 $$")
        self.deliver(mailbox, subject="Очень длинная тема " * 20, sender=f"{'a.very.long.name.' * 3}ann@{'mail.' * 20}example")
        job, = self.expect_jobs(task, 1, all_succeed=False)
        return {"address": address, "name": task.values["name"], "job": job["id"]}

    def do_stop_host(self):
        self.host.stop()

    def do_start_host(self):
        """Where it was before: browsers look for it there."""
        self.host.listen = self.host.address
        self.host.start()

    def do_tasks(self):
        return {"count": len(self.host.every("/api/tasks"))}

    def do_await_watching(self, address):
        item = next(one for one in self.host.every(ITEMS) if one["Email"] == address)
        self.wait_state(item, "watching")

    def test_From_signing_in_to_a_job_and_through_trouble_in_English(self):
        self.tell("administrator", "en")

    def test_From_signing_in_to_a_job_and_through_trouble_in_Russian(self):
        self.tell("administrator", "ru")

    def test_What_each_role_sees_and_may_in_English(self):
        self.tell("roles", "en")

    def test_What_each_role_sees_and_may_in_Russian(self):
        self.tell("roles", "ru")

    def test_The_steps_of_a_connection_test_appear_one_by_one_in_English(self):
        self.tell("steps", "en")

    def test_The_steps_of_a_connection_test_appear_one_by_one_in_Russian(self):
        self.tell("steps", "ru")

    def test_Nothing_moves_while_a_slow_host_answers_in_English(self):
        self.tell("steady", "en")

    def test_Nothing_moves_while_a_slow_host_answers_in_Russian(self):
        self.tell("steady", "ru")

    def test_A_form_asks_for_what_is_needed_before_the_host_does_in_English(self):
        self.tell("forms", "en")

    def test_A_form_asks_for_what_is_needed_before_the_host_does_in_Russian(self):
        self.tell("forms", "ru")

    def test_What_is_folded_away_can_be_used_in_English(self):
        self.tell("unfolded", "en")

    def test_What_is_folded_away_can_be_used_in_Russian(self):
        self.tell("unfolded", "ru")

    def test_What_was_typed_outlives_the_host_and_the_session_in_English(self):
        self.tell("kept", "en")

    def test_What_was_typed_outlives_the_host_and_the_session_in_Russian(self):
        self.tell("kept", "ru")

    def test_Long_names_and_great_numbers_have_room_in_English(self):
        self.tell("long", "en")

    def test_Long_names_and_great_numbers_have_room_in_Russian(self):
        self.tell("long", "ru")

    def test_Signing_in_and_adding_a_mailbox_take_no_mouse(self):
        self.tell("keyboard", "ru")


if __name__ == "__main__":
    main()
