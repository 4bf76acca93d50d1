"""What `./run --once` shows a newcomer, once the build is there: the whole way of a mail, by one command."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Demo(unittest.TestCase):
    def test_Once_ends_after_the_first_job_and_leaves_nothing_behind(self):
        done = subprocess.run([sys.executable, str(ROOT / "tools" / "demo.py"), "--once"], stdin=subprocess.DEVNULL,
                              capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"})
        said = done.stdout
        self.assertEqual(done.returncode, 0, f"{said}\n{done.stderr}")
        self.assertEqual(done.stderr, "")
        self.assertRegex(said, r"(?m)^job +\S+: succeeded, exit code 0$")
        self.assertRegex(said, r"(?m)^output +The robot read: New order 4711 – срочно from ann@shop\.example$")
        self.assertIn('"subject": "New order 4711 – срочно"', said)
        folder = re.search(r"a private Dovecot in (\S+)", said)[1]
        self.assertFalse(Path(folder).exists(), folder)


if __name__ == "__main__":
    unittest.main(verbosity=2)
