"""What the simulated Exchange does when it is told to fail, to be busy, or to speak otherwise."""

import http.client
import socket
import time
import unittest

from ews import Documents, codes, every, folder, get_folder, get_item, ids, item_ids, mark_read, shape, stream, subscribe, sync
from simulated import ANN, GROMMUNIO, Simulated, a_mail, faults, record


class Faults(Simulated):
    def test_A_code_is_said_of_every_wish_or_of_one(self):
        delivered = self.server.deliver_many(ANN, [a_mail(), a_mail(), a_mail()])
        self.server.fail_next("GetItem", faults.code("ErrorTooManyObjectsOpened"))
        self.server.fail_next("GetItem", faults.code("ErrorMailboxMoveInProgress", at=1))
        wanted = get_item(delivered, shape())
        self.assertEqual(codes(self.client.ask(wanted)), ["ErrorTooManyObjectsOpened"] * 3)
        self.assertEqual(codes(self.client.ask(sync())), ["NoError"])
        self.assertEqual(codes(self.client.ask(wanted)), ["NoError", "ErrorMailboxMoveInProgress", "NoError"])
        self.assertEqual(codes(self.client.ask(wanted)), ["NoError"] * 3)
        self.server.fail_next("GetItem", faults.code("ErrorServerBusy", at=1, stops_batch=True))
        self.assertEqual(codes(self.client.ask(wanted)), ["NoError", "ErrorServerBusy", "ErrorBatchProcessingStopped"])

    def test_A_busy_server_says_for_how_long(self):
        self.server.fail_next(None, faults.busy(1500))
        status, text = self.client.post(sync())
        self.assertEqual(status, 500)
        self.assertIn('<t:Value Name="BackOffMilliseconds">1500</t:Value>', text)
        self.assertEqual(codes(self.client.ask(sync())), ["NoError"])

    def test_Statuses_and_pages_come_instead_of_XML(self):
        self.server.fail_next("GetFolder", faults.status(429, {"Retry-After": "7"}))
        answer = self.client.open(get_folder())
        self.assertEqual((answer.status, answer.headers["Retry-After"], answer.read()), (429, "7", b""))
        self.server.fail_next("GetFolder", faults.html_page())
        answer = self.client.open(get_folder())
        self.assertEqual((answer.status, answer.headers["Content-Type"][:9]), (200, "text/html"))
        answer.read()
        self.server.fail_next("GetFolder", faults.status(401))
        answer = self.client.open(get_folder())
        self.assertIn("NTLM", answer.headers.get_all("WWW-Authenticate"))
        answer.read()
        self.server.fail_next(faults.BEFORE_SIGN_IN, faults.status(302, {"Location": "https://elsewhere.example/"}))
        answer = self.client_of(None).open(get_folder())
        self.assertEqual((answer.status, answer.headers["Location"]), (302, "https://elsewhere.example/"))

    def test_An_answer_that_is_lost_was_carried_out_all_the_same(self):
        one = self.server.deliver(ANN, a_mail())
        self.server.fail_next("UpdateItem", faults.drop())
        with self.assertRaises(http.client.RemoteDisconnected):
            self.client.post(mark_read([one]))
        self.assertEqual(self.server.flags(ANN)[one], {"\\Seen"})
        self.server.fail_next("SyncFolderItems", faults.drop(after=50))
        with self.assertRaises(http.client.IncompleteRead):
            self.client_of(ANN).post(sync())
        two = self.server.deliver(ANN, a_mail())
        self.server.fail_next("UpdateItem", faults.drop(executes=False))
        with self.assertRaises(http.client.RemoteDisconnected):
            self.client_of(ANN).post(mark_read([two]))
        self.assertEqual(self.server.flags(ANN)[two], set())

    def test_Answers_are_slow_dripped_or_in_chunks(self):
        for fault in (faults.stall(0.05), faults.stall(0.05, after=10), faults.drip(100, 0.001), faults.framed(True)):
            with self.subTest(fault.kind, after=fault.after):
                self.server.fail_next("GetFolder", fault)
                self.assertEqual(codes(self.client.ask(get_folder())), ["NoError"])

    def test_Who_asks_too_often_is_asked_to_wait_and_waits_longer_for_asking_again(self):
        self.server.throttle.set(requests=2, seconds=600, back_off=600)
        self.assertEqual([codes(self.client.ask(get_folder())) for _ in range(4)],
                         [["NoError"], ["NoError"], ["ErrorServerBusy"], ["ErrorServerBusy"]])
        self.assertEqual((self.server.throttle.refused, self.server.throttle.prolonged), (2, 1))

    def test_A_kept_connection_may_be_closed(self):
        for orderly in (True, False):
            with self.subTest(orderly=orderly):
                client = self.client_of(ANN)
                client.post(get_folder())
                self.server.drop_connections(orderly)
                with self.assertRaises(ConnectionError):
                    while True:  # until the connection is gone
                        client.post(get_folder())

    def test_What_is_not_HTTP_is_answered_and_cut(self):
        with socket.create_connection(("localhost", self.server.http), timeout=20) as other:
            other.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            self.assertTrue(other.recv(100).startswith(b"HTTP/1.1 400 "))

    def test_A_restarted_server_has_its_mail_and_no_subscriptions(self):
        one = self.server.deliver(ANN, a_mail())
        subscription = self.text(self.client.ask(subscribe()), "SubscriptionId")
        state = self.text(self.client.ask(sync()), "SyncState")
        self.server.restart()
        client = self.client_of(ANN)
        self.assertEqual(len(every(client.ask(sync(state)), "Changes")[0]), 0)
        self.assertEqual(ids(client.ask(sync())), [one])
        self.assertEqual(codes(client.ask(stream(subscription))), ["ErrorSubscriptionNotFound"])


class Streams(Simulated):
    def opened(self, subscription, **options):
        answer = self.client_of(ANN, **options).open(stream(subscription))
        self.addCleanup(answer.close)
        return Documents(answer)

    def subscribed(self):
        return self.text(self.client.ask(subscribe()), "SubscriptionId")

    def test_There_are_signs_of_life(self):
        for kind, sign in (("status", "<m:ConnectionStatus>OK<"), ("event", "<t:StatusEvent/>")):
            with self.subTest(kind):
                self.server.restart(heartbeat=0.05, heartbeat_kind=kind)
                self.client = self.client_of(ANN)
                documents = self.opened(self.subscribed())
                documents.next()
                self.assertIn(sign, documents.next())

    def test_A_stream_drips_stalls_and_breaks_off(self):
        for fault in (faults.drip(50, 0.001), faults.stall(0.05, after=100)):
            with self.subTest(fault.kind):
                self.server.fail_next("GetStreamingEvents", fault)
                documents = self.opened(self.subscribed())
                self.assertIn("<m:ConnectionStatus>OK<", documents.next())
                one = self.server.deliver(ANN, a_mail())
                self.assertIn(one, documents.next())
        self.server.fail_next("GetStreamingEvents", faults.drop(after=100))
        with self.assertRaises(http.client.IncompleteRead):
            documents = self.opened(self.subscribed())
            documents.next()

    def test_After_the_time_that_was_asked_for_a_stream_is_closed(self):
        self.server.restart(stream_minute=1 / 600)
        self.client = self.client_of(ANN)
        documents = self.opened(self.subscribed())
        documents.next()
        self.assertIn("<m:ConnectionStatus>Closed<", documents.next())
        self.assertIsNone(documents.next())

    def test_A_user_has_three_streams_and_no_more(self):
        opened = [self.opened(self.subscribed()) for _ in range(3)]
        for documents in opened:
            documents.next()
        self.assertIn("ErrorExceededConnectionCount", self.opened(self.subscribed()).next())
        self.server.drop_connections()
        deadline = time.monotonic() + 10
        while self.server.sessions(ANN) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.client.connection.close()
        self.assertIn("<m:ConnectionStatus>OK<", self.opened(self.subscribed()).next())

    def test_A_second_stream_of_a_subscription_ends_the_first(self):
        subscription = self.subscribed()
        first = self.opened(subscription)
        first.next()
        self.assertIn("<m:ConnectionStatus>OK<", self.opened(subscription).next())
        self.assertIn("ErrorNewEventStreamConnectionOpened", first.next())

    def test_Behind_a_balancer_a_stream_without_its_cookies_is_lost(self):
        self.server.restart(strict_affinity=True)
        client = self.client_of(ANN)
        answer = client.open(subscribe())
        cookies = "; ".join(cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie"))
        subscription = answer.read().decode().split("SubscriptionId>")[1].split("<")[0]
        self.assertIn("ErrorSubscriptionNotFound", self.opened(subscription).next())
        client.headers["Cookie"] = cookies
        documents = Documents(client.open(stream(subscription)))
        self.assertIn("<m:ConnectionStatus>OK<", documents.next())

    def test_Pulled_events_come_once_and_a_foreign_watermark_is_refused(self):
        tree = self.client.ask(subscribe("Pull"))
        subscription, watermark = self.text(tree, "SubscriptionId"), self.text(tree, "Watermark")

        def pull(mark):
            return self.client.ask(f"<m:GetEvents><m:SubscriptionId>{subscription}</m:SubscriptionId>"
                                   f"<m:Watermark>{mark}</m:Watermark></m:GetEvents>")

        self.assertEqual(len(every(pull(watermark), "StatusEvent")), 1)
        one = self.server.deliver(ANN, a_mail())
        tree = pull(watermark)
        self.assertEqual(ids(tree), [one, one])
        self.assertEqual(ids(pull(every(tree, "Watermark")[-1].text)), [])
        self.assertEqual(codes(pull("bm9uZQ==")), ["ErrorInvalidWatermark"])


class Dialects(Simulated):
    def test_Every_dialect_says_the_same(self):
        one = self.server.deliver(ANN, a_mail())
        for dialect in ({"prefix": ""}, {"prefix": "soap"}, {"prefix": "SOAP-ENV", "bom": True}, {"fraction": 7},
                        {"declaration": False}, {"content_type": "text/xml"}):
            with self.subTest(dialect):
                self.server.restart(dialect=dialect)
                client = self.client_of(ANN)
                tree = client.ask(get_item([one], shape("Default", "item:DateTimeReceived")))
                self.assertEqual((codes(tree), ids(tree)), (["NoError"], [one]))
                self.assertEqual("." in self.text(tree, "DateTimeReceived"), "fraction" in dialect)
                self.server.fail_next(None, faults.busy())
                self.assertEqual(codes(client.ask(sync())), ["ErrorServerBusy"])
                documents = Documents(client.open(stream(self.text(client.ask(subscribe()), "SubscriptionId"))))
                self.assertIn("ConnectionStatus", documents.next())

    def test_Characters_that_XML_has_not_are_left_out_or_referred_to(self):
        one = self.server.deliver(ANN, b"Subject: a\x07b\r\n\r\n")
        wanted = get_item([one], shape("IdOnly", "item:Subject"))
        self.assertEqual(self.text(self.client.ask(wanted), "Subject"), "ab")
        self.server.restart(dialect={"illegal_references": True})
        self.assertIn("a&#x7;b", self.client_of(ANN).post(wanted)[1])

    def test_Everything_may_stand_in_one_namespace(self):
        self.server.restart(dialect={"one_namespace": True})
        tree = self.client_of(ANN).ask(get_folder())
        self.assertTrue(every(tree, "DisplayName")[0].tag.endswith("/messages}DisplayName"))

    def test_A_server_that_is_not_Exchange_has_its_own_habits(self):
        self.server.restart(**GROMMUNIO)
        client = self.client_of(ANN)
        delivered = self.server.deliver_many(ANN, [a_mail() for _ in range(101)])
        self.assertEqual(ids(client.ask(sync())), delivered[:100])
        self.assertEqual(codes(client.ask(get_item(delivered, shape()))), ["NoError"] * 50 + ["ErrorServerBusy"] * 51)
        moved = client.ask(f"<m:MoveItem><m:ToFolderId>{folder('junkemail')}</m:ToFolderId>{item_ids(delivered[:1])}"
                           "<m:ReturnNewItemIds>true</m:ReturnNewItemIds></m:MoveItem>")
        self.assertEqual((codes(moved), ids(moved)), (["NoError"], []))
        found = client.ask(f'<m:FindFolder Traversal="Shallow">{shape(kind="Folder")}<m:ParentFolderIds>{folder()}'
                           "</m:ParentFolderIds></m:FindFolder>")
        self.assertEqual((codes(found), every(found, "RootFolder")), (["NoError"], []))
        self.server.fail_next("GetFolder", faults.soap_fault("ErrorAccessDenied", "No."))
        status, text = client.post(get_folder())
        self.assertEqual((status, "<faultcode>ErrorAccessDenied</faultcode>" in text, "detail" in text), (200, True, False))
        head = client.ask(get_item(delivered[1:2], shape(extended=["0x007D"])))
        self.assertEqual(every(head, "ExtendedFieldURI")[0].get("PropertyTag"), "125")
        self.assertEqual(codes(client.ask(stream("unknown"))), ["ErrorInvalidSubscription"])
        documents = Documents(client.open(stream(self.text(client.ask(subscribe()), "SubscriptionId"))))
        self.assertIn("<SOAP:Envelope", documents.next())
        self.server.deliver(ANN, a_mail())
        told = documents.next()
        self.assertNotIn("xmlns:m=", told)
        self.assertIn("NewMailEvent", told)

    def test_A_server_may_know_few_properties_and_tell_everything_at_once(self):
        self.server.restart(habits={"knows": "few", "ignores_most": True, "closes": True, "wants_soap_action": True})
        client = self.client_of(ANN)
        delivered = self.server.deliver_many(ANN, [a_mail() for _ in range(3)])
        self.assertNotEqual(client.post(sync(most=1))[0], 200)
        client.headers["SOAPAction"] = '""'
        self.assertEqual(sorted(ids(client.ask(sync(most=1)))), sorted(delivered))
        for wish in (shape(extended=["0x007D"]), shape("IdOnly", "item:InternetMessageHeaders")):
            self.assertEqual(codes(client.ask(get_item(delivered[:1], wish))), ["ErrorInvalidPropertyRequest"])
        tree = client.ask(get_item(delivered[:1], shape("IdOnly", "item:Size", "item:DateTimeReceived")))
        self.assertEqual((self.text(tree, "Size"), every(tree, "DateTimeReceived")), ("0", []))
        self.assertEqual(client.open(sync()).getheader("Connection"), "close")

    def test_An_invalid_request_is_found_when_the_server_closes(self):
        self.client.ask("<m:GetFolder><m:FolderIds/></m:GetFolder>".replace("<m:FolderIds/>", f"<m:FolderIds>{folder()}"
                        "</m:FolderIds><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"))
        if record.schema() is not None:
            with self.assertRaisesRegex(AssertionError, "the request of GetFolder .* is not valid"):
                self.server.check_documents()


if __name__ == "__main__":
    unittest.main()
