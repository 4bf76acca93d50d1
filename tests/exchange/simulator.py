"""The simulator of Exchange by itself: what the clients' tests lean on."""

import base64
import datetime
import unittest

from ews import Documents, codes, every, folder, get_folder, get_item, ids, item_ids, mark_read, shape, stream, subscribe, sync
from simulated import ANN, Simulated, a_mail


class Listing(Simulated):
    def test_The_inbox_is_found_and_counted(self):
        self.server.deliver(ANN, a_mail())
        tree = self.client.ask(get_folder())
        self.assertEqual(codes(tree), ["NoError"])
        self.assertEqual([self.text(tree, name) for name in ("DisplayName", "TotalCount", "UnreadCount")], ["Inbox", "1", "1"])
        self.assertEqual(every(tree, "ServerVersionInfo")[0].get("MajorVersion"), "15")

    def test_A_sync_lists_the_newest_first_in_pages_and_then_what_changed(self):
        delivered = self.server.deliver_many(ANN, [a_mail(subject=f"Mail {number}") for number in range(5)])
        tree = self.client.ask(sync(most=3))
        self.assertEqual(ids(tree), delivered[:1:-1])
        self.assertEqual(self.text(tree, "IncludesLastItemInRange"), "false")
        tree = self.client.ask(sync(self.text(tree, "SyncState"), most=3))
        self.assertEqual(ids(tree), delivered[1::-1])
        self.assertEqual(self.text(tree, "IncludesLastItemInRange"), "true")
        state = self.text(tree, "SyncState")
        self.assertEqual(len(every(self.client.ask(sync(state)), "Changes")[0]), 0)
        self.server.store(ANN, delivered[0], "\\Seen")
        self.server.store(ANN, delivered[1], "Done")
        self.server.remove(ANN, delivered[2])
        moved = self.server.move(ANN, delivered[3], "Orders")
        self.server.move(ANN, moved, "INBOX")
        fresh = self.server.deliver(ANN, a_mail())
        self.server.remove(ANN, self.server.deliver(ANN, a_mail()))
        changes = every(self.client.ask(sync(state)), "Changes")[0]
        back = self.server.uids(ANN)[3]
        self.assertEqual([(one.tag.rsplit("}", 1)[1], ids(one)[0]) for one in changes],
                         [("ReadFlagChange", delivered[0]), ("Update", delivered[1]), ("Delete", delivered[2]),
                          ("Delete", delivered[3]), ("Create", fresh), ("Create", back)])
        self.assertNotIn(back, delivered)

    def test_Before_2010_SP2_a_sync_lists_the_oldest_first(self):
        self.server.restart(version="2010 SP1")
        self.addCleanup(self.server.restart, version="2016")
        delivered = self.server.deliver_many(ANN, [a_mail(), a_mail(), a_mail()])
        self.assertEqual(ids(self.client_of(ANN, version="Exchange2010_SP1").ask(sync())), delivered)

    def test_A_state_that_has_expired_or_is_nonsense_is_refused(self):
        state = self.text(self.client.ask(sync()), "SyncState")
        self.assertEqual(codes(self.client.ask(sync("bm9uc2Vuc2U="))), ["ErrorInvalidSyncStateData"])
        self.assertEqual(codes(self.client.ask(sync(state, where=folder("drafts")))), ["ErrorInvalidSyncStateData"])
        self.server.expire_sync_states()
        self.assertEqual(codes(self.client.ask(sync(state))), ["ErrorInvalidSyncStateData"])
        self.assertEqual(codes(self.client.ask(sync())), ["NoError"])

    def test_Ten_thousand_mails_are_listed(self):
        mail = a_mail()
        self.server.deliver_many(ANN, [mail] * 10000)
        state, seen = "", []
        while True:
            tree = self.client.ask(sync(state))
            seen += ids(tree)
            state = self.text(tree, "SyncState")
            if self.text(tree, "IncludesLastItemInRange") == "true":
                break
        self.assertEqual(seen, self.server.uids(ANN)[::-1])
        self.assertEqual(self.server.count("SyncFolderItems"), 20)


class Finding(Simulated):
    def find(self, restriction="", view="", order="", shaped=None):
        within = f"<m:Restriction>{restriction}</m:Restriction>" if restriction else ""
        return self.client.ask(f'<m:FindItem Traversal="Shallow">{shaped or shape()}{view}{within}{order}'
                               f"<m:ParentFolderIds>{folder()}</m:ParentFolderIds></m:FindItem>")

    @staticmethod
    def compared(how, field, value):
        return (f'<t:{how}><t:FieldURI FieldURI="{field}"/><t:FieldURIOrConstant><t:Constant Value="{value}"/>'
                f"</t:FieldURIOrConstant></t:{how}>")

    def test_Items_are_found_by_restrictions_in_an_order_page_by_page(self):
        start = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.timezone.utc)
        delivered = [self.server.deliver(ANN, a_mail(subject=f"Mail {n}"), received=start + datetime.timedelta(days=n), read=n < 3)
                     for n in range(6)]
        unread = self.compared("IsEqualTo", "message:IsRead", "false")
        since = self.compared("IsGreaterThanOrEqualTo", "item:DateTimeReceived", "2026-11-05T00:00:00Z")
        self.assertEqual(ids(self.find()), delivered[::-1])
        self.assertEqual(ids(self.find(unread)), delivered[:2:-1])
        self.assertEqual(ids(self.find(f"<t:And>{unread}{since}</t:And>")), delivered[:3:-1])
        self.assertEqual(ids(self.find(f"<t:Or><t:Not>{unread}</t:Not>{since}</t:Or>")),
                         [delivered[n] for n in (5, 4, 2, 1, 0)])
        oldest_first = ('<m:SortOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:DateTimeReceived"/>'
                        "</t:FieldOrder></m:SortOrder>")
        view = '<m:IndexedPageItemView MaxEntriesReturned="4" Offset="{}" BasePoint="Beginning"/>'
        first, second = (self.find(view=view.format(offset), order=oldest_first) for offset in (0, 4))
        self.assertEqual((ids(first), ids(second)), (delivered[:4], delivered[4:]))
        roots = [every(tree, "RootFolder")[0] for tree in (first, second)]
        self.assertEqual([(root.get("IndexedPagingOffset"), root.get("IncludesLastItemInRange"), root.get("TotalItemsInView"))
                          for root in roots], [("4", "false", "6"), ("6", "true", "6")])
        last = self.find(view='<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="End"/>', order=oldest_first)
        self.assertEqual(ids(last), delivered[4:])

    def test_What_a_list_can_not_have_is_refused_there(self):
        self.assertEqual(codes(self.find(shaped=shape("IdOnly", "item:Body"))), ["ErrorInvalidPropertyRequest"])
        self.server.deliver(ANN, a_mail())
        self.assertEqual(codes(self.find(self.compared("IsEqualTo", "item:Body", "x"))), ["ErrorUnsupportedPathForQuery"])

    def test_Folders_are_found_at_any_depth_by_name(self):
        for name in ("INBOX/Заказы/2026", "INBOX/Notes", "Projects/2026"):
            self.server.create_folder(ANN, name)

        def find(traversal, restriction=""):
            within = f"<m:Restriction>{restriction}</m:Restriction>" if restriction else ""
            return self.client.ask(f'<m:FindFolder Traversal="{traversal}">{shape("Default", kind="Folder")}{within}'
                                   f'<m:ParentFolderIds>{folder("msgfolderroot")}</m:ParentFolderIds></m:FindFolder>')

        def names(tree):
            return [element.text for element in every(tree, "DisplayName")]

        self.assertLessEqual({"Inbox", "Заказы", "2026", "Projects"}, set(names(find("Deep"))))
        self.assertNotIn("Заказы", names(find("Shallow")))
        self.assertEqual(names(find("Deep", self.compared("IsEqualTo", "folder:DisplayName", "2026"))), ["2026", "2026"])


class Reading(Simulated):
    def test_MIME_is_made_anew_with_the_same_content(self):
        content = a_mail(subject="Größe", text="Line\r\nUmlaut ä\r\n", html="<p>ä</p>",
                         attachments=[("a.bin", "application/octet-stream", bytes(range(256)))])
        one = self.server.deliver(ANN, content)
        tree = self.client.ask(get_item([one], shape("IdOnly", "item:DateTimeReceived", "item:Size", "message:IsRead",
                                                     "message:InternetMessageId", "item:InternetMessageHeaders", mime=True,
                                                     extended=["0x007D"])))
        self.assertEqual(codes(tree), ["NoError"])
        mime = base64.b64decode(self.text(tree, "MimeContent"))
        self.assertNotEqual(mime, content)
        self.assertIn(b"multipart/mixed", mime)
        self.assertEqual(every(tree, "ExtendedFieldURI")[0].get("PropertyTag"), "0x7d")
        self.assertEqual(self.text(tree, "Value").split("\r\n")[:2], content.decode().split("\r\n")[:2])
        self.assertIn("Subject", [header.get("HeaderName") for header in every(tree, "InternetMessageHeader")])
        self.assertFalse(self.server.mails(ANN)[0].read)

    def test_A_mail_of_a_colleague_has_no_header_of_SMTP_and_an_address_of_the_directory(self):
        one = self.server.deliver(ANN, a_mail(sender="Bob <bob@example.com>"), from_outside=False)
        tree = self.client.ask(get_item([one], shape("IdOnly", "message:From", "item:InternetMessageHeaders",
                                                     extended=["0x007D", "0x5D02"])))
        self.assertEqual([element.text for element in every(tree, "Value")], ["bob@example.com"])
        self.assertEqual(every(tree, "InternetMessageHeaders"), [])
        self.assertEqual((self.text(tree, "RoutingType"), self.text(tree, "EmailAddress")[:11]), ("EX", "/O=EXAMPLE/"))

    def test_All_properties_of_all_kinds_of_mails_are_valid_by_the_schema(self):
        invitation = (b"From: a@x.example\r\nTo: ann@example.com\r\nSubject: Meet\r\nContent-Type: text/calendar; "
                      b"method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        mails = [a_mail(html="<b>x</b>", attachments=[("x.txt", "text/plain", b"x")], headers={"Cc": "c@x.example, D <d@x.example>"}),
                 b"Subject: \x07bare\r\n\r\nno header to speak of", b"", invitation]
        delivered = self.server.deliver_many(ANN, mails)
        tree = self.client.ask(get_item(delivered, shape("AllProperties", mime=True)))
        self.assertEqual(codes(tree), ["NoError"] * 4)
        self.assertEqual(len(every(tree, "MeetingRequest")), 1)
        self.client.ask(sync(shaped=shape("AllProperties")))
        self.server.check_documents()

    def test_What_is_missing_is_said_for_each_item(self):
        one, two = self.server.deliver_many(ANN, [a_mail(), a_mail()])
        self.server.remove(ANN, two)
        tree = self.client.ask(get_item([one, two, "nonsense"], shape()))
        self.assertEqual(codes(tree), ["NoError", "ErrorItemNotFound", "ErrorInvalidIdMalformed"])

    def test_Mails_are_marked_moved_and_deleted(self):
        one, two, three = self.server.deliver_many(ANN, [a_mail(), a_mail(), a_mail()])
        self.assertEqual(codes(self.client.ask(mark_read([one]))), ["NoError"])
        self.assertEqual(self.server.flags(ANN)[one], {"\\Seen"})
        self.assertEqual(codes(self.client.ask(mark_read([one], "NeverOverwrite"))), ["ErrorIrresolvableConflict"])
        tree = self.client.ask(f'<m:MoveItem><m:ToFolderId>{folder("junkemail")}</m:ToFolderId>{item_ids([one])}</m:MoveItem>')
        self.assertNotEqual(ids(tree), [one])
        self.assertEqual(codes(self.client.ask(get_item([one], shape()))), ["ErrorItemNotFound"])
        self.client.ask(f'<m:DeleteItem DeleteType="MoveToDeletedItems">{item_ids([two])}</m:DeleteItem>')
        self.client.ask(f'<m:DeleteItem DeleteType="HardDelete">{item_ids([three])}</m:DeleteItem>')
        self.assertEqual((self.server.uids(ANN), len(self.server.deleted(ANN))), ([], 1))
        self.assertEqual(self.server.recoverable(ANN), [])

    def test_An_update_says_what_becomes_of_the_message_and_one_thing_at_a_time(self):
        one = self.server.deliver(ANN, a_mail())
        change = mark_read([one])
        self.assertEqual(codes(self.client.ask(change.replace(' MessageDisposition="SaveOnly"', ""))),
                         ["ErrorMessageDispositionRequired"])
        self.assertEqual(codes(self.client.ask(change.replace("</t:IsRead>", "</t:IsRead><t:References>x</t:References>"))),
                         ["ErrorIncorrectUpdatePropertyCount"])
        self.assertFalse(self.server.mails(ANN)[0].read)


class Streaming(Simulated):
    def opened(self, minutes=1):
        subscription = self.text(self.client.ask(subscribe()), "SubscriptionId")
        answer = self.client_of(ANN).open(stream(subscription, minutes))
        self.addCleanup(answer.close)
        return subscription, Documents(answer)

    def test_A_delivered_mail_is_told_of_at_once(self):
        _, documents = self.opened()
        self.assertIn("<m:ConnectionStatus>OK<", documents.next())
        one = self.server.deliver(ANN, a_mail())
        told = documents.next()
        self.assertIn("NewMailEvent", told)
        self.assertIn(one, told)
        self.server.close_streams()
        self.assertIn("<m:ConnectionStatus>Closed<", documents.next())
        self.assertIsNone(documents.next())

    def test_A_soft_deletion_is_a_deletion_to_who_watches_and_can_be_undone(self):
        _, documents = self.opened()
        documents.next()
        one = self.server.deliver(ANN, a_mail())
        documents.next()
        self.client.ask(f'<m:DeleteItem DeleteType="SoftDelete">{item_ids([one])}</m:DeleteItem>')
        self.assertEqual(len(self.server.recoverable(ANN)), 1)
        self.server.deliver(ANN, a_mail())
        self.assertNotIn("MovedEvent", documents.next())

    def test_A_subscription_that_was_lost_ends_the_stream(self):
        subscription, documents = self.opened()
        documents.next()
        self.server.lose_subscriptions()
        self.assertIn("ErrorSubscriptionNotFound", documents.next())
        self.assertIsNone(documents.next())
        self.assertEqual(codes(self.client.ask(stream(subscription))), ["ErrorSubscriptionNotFound"])


if __name__ == "__main__":
    unittest.main()
