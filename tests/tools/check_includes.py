#!/usr/bin/env python3
"""tools/check-includes finds what it is there to find, in small trees made for it."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check(files):
    """Exit status and output for a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([ROOT / "tools" / "check-includes", folder], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


class CheckIncludes(unittest.TestCase):
    def expect_fault(self, files, words):
        status, output = check(files)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_looking_down_is_allowed(self):
        status, output = check({
            "plugin/base/result.hpp": "#pragma once\n",
            "plugin/net/stream.hpp": '#include "base/result.hpp"\n#include <vector>\n',
            "plugin/net/tls.cpp": "#include <Poco/Net/Context.h>\n#include <openssl/ssl.h>\n",
            "plugin/net/socket_posix.cpp": "#include <sys/socket.h>\n",
        })
        self.assertEqual((status, output), (0, ""))

    def test_looking_up_is_a_fault(self):
        self.expect_fault({"plugin/watch/pass.hpp": "", "plugin/base/form.cpp": '\n#include "watch/pass.hpp"\n'},
                          "plugin/base/form.cpp:2: base may not look at watch")

    def test_looking_aside_is_a_fault(self):
        self.expect_fault({"plugin/net/stream.hpp": "", "plugin/message/x.cpp": '#include "net/stream.hpp"\n'},
                          "message may not look at net")

    def test_angle_brackets_are_no_way_round(self):
        self.expect_fault({"plugin/net/stream.hpp": "", "plugin/ledger/x.cpp": "#include <net/stream.hpp>\n"},
                          "ledger may not look at net")

    def test_a_path_through_the_parent_folder_is_no_way_round(self):
        self.expect_fault({"plugin/watch/pass.hpp": "",
                           "plugin/source/imap/x.cpp": '#include "../../watch/pass.hpp"\n'},
                          "imap may not look at watch")

    def test_the_host_may_not_look_into_the_plugin(self):
        self.expect_fault({"plugin/base/result.hpp": "", "mock-host/x.cpp": '#include "base/result.hpp"\n'},
                          "mock-host may not look at base")

    def test_a_header_of_the_same_name_in_its_own_tree_is_the_hosts(self):
        status, output = check({"plugin/base/result.hpp": "", "mock-host/base/result.hpp": "",
                                "mock-host/x.cpp": '#include "base/result.hpp"\n'})
        self.assertEqual((status, output), (0, ""))

    def test_the_c_interface_knows_nothing_of_the_sdk(self):
        self.expect_fault({"sdk/include/orch/sdk/host.hpp": "",
                           "host-api/include/orch/x.h": '#include "orch/sdk/host.hpp"\n'},
                          "host-api may not look at sdk")

    def test_pocos_sockets_outside_net_are_a_fault(self):
        self.expect_fault({"plugin/source/imap/x.cpp": "#include <Poco/Net/StreamSocket.h>\n"}, "belongs to")

    def test_pocos_database_outside_the_ledger_is_a_fault(self):
        self.expect_fault({"plugin/net/x.cpp": "#  include <Poco/Data/Session.h>\n"}, "belongs to")

    def test_gmime_outside_message_is_a_fault(self):
        self.expect_fault({"plugin/trigger/x.cpp": "#include <gmime/gmime.h>\n"}, "belongs to")

    def test_posix_in_a_file_that_does_not_say_so_is_a_fault(self):
        self.expect_fault({"plugin/trigger/spool.cpp": "#include <unistd.h>\n"}, "_posix")

    def test_a_quoted_header_that_is_nowhere_is_a_fault(self):
        self.expect_fault({"plugin/base/x.cpp": '#include "gone.hpp"\n'}, "no such header")

    def test_an_empty_tree_is_no_success(self):
        status, _ = check({"README.md": ""})
        self.assertEqual(status, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
