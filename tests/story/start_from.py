"""Where a trigger begins, and what stopping, starting and editing mean for the mails in between."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from vocabulary import Story, main  # noqa: E402


class StartFrom(Story):
    def given_mailbox_with_old_mail(self):
        """Two mails that were read and three that were not."""
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"read {n}") for n in (1, 2)], flags="S")
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"unread {n}") for n in (1, 2, 3)])
        self.before = self.dovecot.flags(mailbox["Email"])
        self.assertEqual(len(self.before), 5)
        return mailbox

    def test_New_passes_over_all_that_was_there(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="new")
        self.expect_jobs(task, 1)
        self.assertEqual(self.subjects(task), ["new"])
        newest = max(self.before) + 1
        self.expect_flags(mailbox, {**self.before, newest: {"\\Seen"}})

    def test_Unread_takes_the_unread_mails_that_were_there(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox, StartFrom="unread")
        self.deliver(mailbox, subject="new")
        self.expect_jobs(task, 4)
        self.assertEqual(self.subjects(task), ["new", "unread 1", "unread 2", "unread 3"])

    def test_All_takes_everything_that_was_there(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox, StartFrom="all")
        self.deliver(mailbox, subject="new")
        self.expect_jobs(task, 6)
        self.assertEqual(self.subjects(task),
                         ["new", "read 1", "read 2", "unread 1", "unread 2", "unread 3"])

    def test_Three_triggers_with_different_beginnings_share_a_mailbox(self):
        mailbox = self.given_mailbox_with_old_mail()
        new = self.given_task(mailbox, StartFrom="new")
        unread = self.given_task(mailbox, StartFrom="unread")
        everything = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(everything, 5)
        # It had taken them down before `all` came and its jobs had them marked.
        self.expect_jobs(unread, 3)
        self.assertEqual(self.subjects(unread), ["unread 1", "unread 2", "unread 3"])
        self.deliver(mailbox, subject="fresh")
        self.expect_jobs(new, 1)
        self.assertEqual(self.subjects(new), ["fresh"])
        self.expect_jobs(unread, 4)
        self.expect_jobs(everything, 6)

    def test_Stop_and_start_keep_the_baseline(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="first")
        self.expect_jobs(task, 1)
        task.stop()
        self.assertEqual(task.state()["state"], "stopped")
        self.wait_state(mailbox, "idle")
        self.deliver(mailbox, subject="meanwhile")
        self.expect_jobs(task, 1)
        task.start()
        self.expect_jobs(task, 2)
        self.assertEqual(self.subjects(task), ["first", "meanwhile"])

    def test_A_restart_of_the_host_keeps_the_baseline(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="while the host was down")])
        self.host.start()
        self.expect_jobs(task, 1)
        self.assertEqual(self.subjects(task), ["while the host was down"])
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        task.wait_started()
        self.expect_jobs(task, 1)

    def test_Nothing_is_fetched_twice_after_all(self):
        mailbox = self.given_mailbox_with_old_mail()
        task = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(task, 5)
        task.stop()
        task.start()
        task.wait_started()
        self.expect_jobs(task, 5)


class Editing(Story):
    def edit(self, task, state="started", **parameters):
        values = self.host.get(f"/api/tasks/{task.id}")
        trigger = values["triggers"][0]
        self.host.put(f"/api/tasks/{task.id}", {
            "name": values["name"], "project": values["project"],
            "triggers": [{"id": trigger["id"], "type": trigger["type"],
                          "parameters": {**trigger["parameters"], **parameters}}]})
        after = self.host.get(f"/api/tasks/{task.id}")
        self.assertEqual(after["triggers"][0]["id"], trigger["id"])
        self.assertEqual(after["state"], state)

    def test_A_changed_filter_counts_for_mail_from_then_on(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="red")
        self.deliver(mailbox, subject="red 1")
        self.deliver(mailbox, subject="blue 1")
        self.expect_jobs(task, 1)
        self.edit(task, Subject="blue")
        self.deliver(mailbox, subject="red 2")
        self.deliver(mailbox, subject="blue 2")
        jobs = self.expect_jobs(task, 2)
        self.assertEqual([job["payload"]["subject"] for job in jobs], ["red 1", "blue 2"])

    def test_A_changed_filter_of_a_stopped_task_counts_for_what_came_meanwhile(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="red")
        task.stop()
        self.deliver(mailbox, subject="red")
        self.deliver(mailbox, subject="blue")
        self.edit(task, state="stopped", Subject="blue")
        task.start()
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["subject"], "blue")

    def test_A_changed_folder_takes_a_new_baseline(self):
        mailbox = self.given_mailbox()
        self.dovecot.create_folder(mailbox["Email"], "Other")
        self.deliver(mailbox, folder="Other", subject="old in the other folder")
        task = self.given_task(mailbox)
        self.edit(task, Folder="Other")
        task.wait_started()
        self.deliver(mailbox, folder="Other", subject="new in the other folder")
        self.deliver(mailbox, subject="new in the inbox")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["subject"], "new in the other folder")

    def test_Many_edits_in_a_row_leave_one_session_and_one_job_a_mail(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        for number in range(15):
            self.edit(task, IntervalSeconds=60 + number)
            self.deliver(mailbox, subject=f"between edits {number}")
        self.expect_jobs(task, 15)
        self.wait_state(mailbox, "watching")
        self.assertEqual(len(self.dovecot.sessions(mailbox["Email"])), 1)

    def test_A_deleted_task_is_forgotten_and_a_new_one_begins_anew(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.host.delete(f"/api/tasks/{task.id}")
        self.host.get(f"/api/tasks/{task.id}", expect=404)
        self.wait_state(mailbox, "idle")
        again = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(again, 1)


if __name__ == "__main__":
    main()
