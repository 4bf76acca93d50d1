"""How one signs in to the simulated Exchange, as whom, and where it says that its services are."""

import base64
import hashlib
import http.client
import os
import shutil
import struct
import subprocess
import sys
import unittest

from ews import Client, codes, folder, get_folder, get_item, ids, shape, sync
from simulated import ANN, BOB, SECRET, SHARED, Simulated, a_mail

# Debian's requests and requests-ntlm come first: a client's side of NTLM that is not ours.
sys.path[:0] = ["/usr/lib/python3/dist-packages"]
import cryptography.hazmat.bindings.openssl.binding  # noqa: E402,F401  it loads the old hashes of OpenSSL, MD4 among them
import requests  # noqa: E402
from exchange.ntlm import NtlmHandshake  # noqa: E402
from ntlm_auth.gss_channel_bindings import GssChannelBindingsStruct  # noqa: E402
from ntlm_auth.ntlm import NtlmContext  # noqa: E402
from requests_ntlm import HttpNtlmAuth  # noqa: E402


class SigningIn(Simulated):
    def ntlm(self, login, password, tls=False):
        envelope = Client(self.server).envelope(get_folder()).encode()
        return requests.post(self.server.url(tls), envelope, headers={"Content-Type": "text/xml; charset=utf-8"},
                             auth=HttpNtlmAuth(login, password), verify=str(self.server.certificates.folder / "ca.pem"))

    def test_Nobody_is_let_in_without_a_login(self):
        answer = self.client_of(None).open(get_folder())
        self.assertEqual((answer.status, answer.headers.get_all("WWW-Authenticate")),
                         (401, ["Negotiate", "NTLM", 'Basic realm="localhost"']))

    def test_The_response_of_NTLM_is_computed_from_the_password(self):
        for tls in (False, True):
            for login in ("EXAMPLE\\ann", ANN, "example\\Ann"):
                with self.subTest(login, tls=tls):
                    self.assertEqual(self.ntlm(login, SECRET, tls).status_code, 200)
            for login, password in (("EXAMPLE\\ann", "wrong"), ("EXAMPLE\\nobody", SECRET), ("ELSEWHERE\\ann", SECRET)):
                with self.subTest(login, password=password, tls=tls):
                    self.assertEqual(self.ntlm(login, password, tls).status_code, 401)
        self.assertEqual(self.server.logins(ANN), ["NTLM"] * 6)
        self.assertEqual(self.server.failed_logins(ANN), ["NTLM"] * 2)

    def test_NTLM_is_of_the_connection(self):
        session = requests.Session()
        self.addCleanup(session.close)
        url, content = self.server.url(False), Client(self.server).envelope(get_folder()).encode()
        fields = {"Content-Type": "text/xml; charset=utf-8"}
        self.assertEqual(session.post(url, content, headers=fields, auth=HttpNtlmAuth("EXAMPLE\\ann", SECRET)).status_code, 200)
        self.assertEqual(session.post(url, content, headers=fields).status_code, 200)
        self.assertEqual(len({one.connection for one in self.server.requests}), 1)
        with requests.Session() as other:
            self.assertEqual(other.post(url, content, headers=fields).status_code, 401)

    def test_A_broken_message_of_NTLM_is_refused(self):
        third = b"NTLMSSP\0" + struct.pack("<I", 3)
        for message in (b"", b"nonsense", third, third.ljust(88, b"\xff")):
            with self.subTest(message):
                client = self.client_of(None)
                for content in (b"NTLMSSP\0" + struct.pack("<II", 1, 0xa2088207), message):
                    client.headers["Authorization"] = "NTLM " + base64.b64encode(content).decode()
                    status, _ = client.post(get_folder())
                    self.assertEqual(status, 401)

    def test_A_response_is_bound_to_the_servers_certificate_and_whole(self):
        def proves(own, seen, spoiled=False, must_bind=False):
            handshake = NtlmHandshake(own, must_bind)
            bindings = GssChannelBindingsStruct()
            bindings[bindings.APPLICATION_DATA] = b"tls-server-end-point:" + hashlib.sha256(seen or b"").digest()
            context = NtlmContext("ann", SECRET, "EXAMPLE", cbt_data=bindings if seen else None)
            first = context.step()
            third = bytearray(context.step(handshake.challenge(first)))
            if spoiled:
                third[14] ^= 1  # the room of a field, which nothing but the integrity code protects
            return handshake.verify(bytes(third), self.server.accounts.named)[1]

        self.assertTrue(proves(b"own", b"own"))
        self.assertFalse(proves(b"own", b"another"))
        self.assertTrue(proves(b"own", None))
        self.assertFalse(proves(b"own", None, must_bind=True))
        self.assertTrue(proves(None, None, must_bind=True))
        self.assertFalse(proves(b"own", b"own", spoiled=True))

    def test_An_account_is_locked_after_so_many_failures(self):
        self.server.restart(locks_after=2)
        for _ in range(2):
            self.assertEqual(self.client_of(ANN, "wrong").post(get_folder())[0], 401)
        self.assertEqual(self.client_of(ANN).post(get_folder())[0], 401)
        self.assertEqual(self.client_of(BOB).post(get_folder())[0], 200)

    def test_A_bearer_token_is_an_accounts(self):
        self.server.restart(mechanisms=("bearer",), tokens={"good": ANN})
        client = self.client_of(None)
        for token, status in (("good", 200), ("bad", 401)):
            client.headers["Authorization"] = f"Bearer {token}"
            self.assertEqual(client.post(get_folder())[0], status)
        self.assertEqual(self.server.logins(ANN), ["Bearer"])

    def test_Where_nobody_is_asked_everybody_is_one_account(self):
        self.server.restart(mechanisms=(), anonymous=BOB)
        self.assertEqual(codes(self.client_of(None).ask(get_folder())), ["NoError"])
        self.assertEqual(self.server.requests[-1].address, BOB)

    def test_Signing_in_survives_no_change_of_the_password(self):
        self.assertEqual(self.client.post(get_folder())[0], 200)
        self.server.set_password(ANN, "another")
        self.assertEqual(self.client_of(ANN).post(get_folder())[0], 401)
        self.assertEqual(self.client_of(ANN, "another").post(get_folder())[0], 200)


@unittest.skipUnless(shutil.which("krb5kdc") or os.path.exists("/usr/sbin/krb5kdc"), "there is no KDC")
class Kerberos(Simulated):
    def test_A_ticket_opens_the_mailbox_of_its_principal(self):
        from kerberos import REALM, Realm
        realm = Realm()
        self.addCleanup(realm.close)
        realm.start()
        realm.add(f"ann@{REALM}", f"HTTP/localhost@{REALM}")
        self.server.restart(mechanisms=("negotiate",), keytab=realm.keytab("HTTP/localhost"), krb5_config=realm.config)
        program = ("import gssapi, base64; name = gssapi.Name('HTTP@localhost', gssapi.NameType.hostbased_service); "
                   "print(base64.b64encode(gssapi.SecurityContext(name=name, usage='initiate').step()).decode())")
        token = subprocess.run(["/usr/bin/python3", "-c", program], capture_output=True, text=True, check=True, env={
            **os.environ, **realm.environment(cache=realm.ticket(f"ann@{REALM}"))}).stdout.strip()
        client = self.client_of(None)
        client.headers["Authorization"] = f"Negotiate {token}"
        self.assertEqual(client.post(get_folder())[0], 200)
        self.assertEqual(self.server.logins(ANN), ["Negotiate"])
        client.headers["Authorization"] = "Negotiate " + base64.b64encode(b"nonsense").decode()
        self.assertEqual(client.post(get_folder())[0], 401)


class ActingForOthers(Simulated):
    def test_A_shared_mailbox_is_open_to_its_delegates_only(self):
        self.server.add_mailbox(SHARED)
        one = self.server.deliver(SHARED, a_mail())
        where = folder("inbox", SHARED)
        self.assertEqual(codes(self.client.ask(sync(where=where))), ["ErrorAccessDenied"])
        self.assertEqual(codes(self.client.ask(get_item([one], shape()))), ["ErrorAccessDenied"])
        self.server.grant_access(ANN, SHARED)
        self.assertEqual(ids(self.client.ask(sync(where=where))), [one])
        self.assertEqual(codes(self.client.ask(get_item([one], shape()))), ["NoError"])
        self.assertEqual(codes(self.client.ask(sync(where=folder("inbox", "no@example.com")))), ["ErrorNonExistentMailbox"])

    def test_An_archive_is_there_for_whom_it_was_made(self):
        self.server.add_user("old@example.com", SECRET, archive=True)
        self.assertEqual(codes(self.client.ask(get_folder(folder("archiveinbox")))), ["ErrorArchiveMailboxNotEnabled"])
        self.assertEqual(codes(self.client_of("old@example.com").ask(get_folder(folder("archiveinbox")))), ["NoError"])

    def test_Impersonation_wants_the_right_to_it(self):
        acting = self.client_of(ANN, impersonates=BOB)
        self.assertEqual(codes(acting.ask(get_folder())), ["ErrorImpersonateUserDenied"])
        self.server.grant_impersonation(ANN, BOB)
        one = self.server.deliver(BOB, a_mail())
        self.assertEqual(ids(acting.ask(sync())), [one])
        self.assertEqual(codes(self.client_of(ANN, impersonates="no@example.com").ask(get_folder())), ["ErrorNonExistentMailbox"])


class Versions(Simulated):
    def test_A_version_that_is_too_new_is_refused(self):
        for server, good, bad in (("2010 SP2", "Exchange2010_SP2", "Exchange2013"), ("SE", "Exchange2016", "Exchange2019"),
                                  ("2010", "Exchange2010", "Exchange2010_SP1")):
            with self.subTest(server):
                self.server.restart(version=server)
                self.assertEqual(codes(self.client_of(ANN, version=good).ask(get_folder())), ["NoError"])
                self.assertEqual(codes(self.client_of(ANN, version=bad).ask(get_folder())), ["ErrorInvalidServerVersion"])

    def test_What_a_server_has_not_learned_yet_is_refused(self):
        request = ('<m:DeleteItem DeleteType="HardDelete" SuppressReadReceipts="true"><m:ItemIds><t:ItemId Id="x"/>'
                   "</m:ItemIds></m:DeleteItem>")
        self.server.restart(version="2010 SP3")
        self.assertEqual(codes(self.client.ask(request)), ["ErrorSchemaValidation"])
        self.server.restart(version="2013")
        self.assertEqual(codes(self.client_of(ANN, version="Exchange2013_SP1").ask(request)), ["ErrorInvalidIdMalformed"])


class Addresses(Simulated):
    def fetch(self, path, body=b"", method="POST"):
        connection = http.client.HTTPConnection("localhost", self.server.http, timeout=20)
        self.addCleanup(connection.close)
        connection.request(method, path, body, self.client.headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def test_Autodiscover_tells_the_address_of_the_services_in_both_ways(self):
        pox = ('<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>'
               f"<EMailAddress>{ANN}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/"
               "autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>").encode()
        status, text, _ = self.fetch("/Autodiscover/Autodiscover.xml", pox)
        self.assertEqual(status, 200)
        self.assertIn(f"<EwsUrl>{self.server.url()}</EwsUrl>", text)
        self.assertIn("<ErrorCode>500<", self.fetch("/autodiscover/autodiscover.xml", pox.replace(b"ann@", b"no@"))[1])
        soap = f'<x xmlns="y"><Mailbox>{ANN}</Mailbox></x>'.encode()
        self.assertIn(f"<Value>{self.server.url()}</Value>", self.fetch("/autodiscover/autodiscover.svc", soap)[1])
        self.server.restart(autodiscover={"redirectAddr": "ann@elsewhere.example"})
        self.assertIn("<RedirectAddr>ann@elsewhere.example<", self.fetch("/autodiscover/autodiscover.xml", pox)[1])
        self.server.restart(autodiscover=False)
        self.assertEqual(self.fetch("/autodiscover/autodiscover.xml", pox)[0], 404)

    def test_Without_TLS_it_is_forbidden_or_sent_on(self):
        self.server.restart(plain="forbidden")
        self.assertEqual(self.fetch("/EWS/Exchange.asmx")[0], 403)
        self.server.restart(plain="redirect")
        status, _, headers = self.fetch("/EWS/Exchange.asmx")
        self.assertEqual((status, headers["Location"]), (302, self.server.url()))

    def test_Elsewhere_there_are_pages_for_people(self):
        status, text, headers = self.fetch("/owa", method="GET")
        self.assertEqual((status, headers["Location"][:20]), (302, "/owa/auth/logon.aspx"))
        self.assertEqual(self.fetch("/", method="POST")[0], 302)
        self.assertEqual(self.fetch("/EWS", method="POST")[0], 404)
        self.client.headers["Content-Type"] = "application/soap+xml"
        self.assertEqual(self.fetch("/ews/exchange.asmx")[0], 415)


if __name__ == "__main__":
    unittest.main()
