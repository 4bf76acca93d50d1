#!/usr/bin/env python3
"""The plugin's folder as it ships: what the library shows of itself, and what it needs of others."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("ROE_BUILD_DIR", Path(__file__).resolve().parents[2] / "build" / "release"))
FOLDER = BUILD / "plugins" / "run-on-email"
LIBRARY = FOLDER / "librun-on-email.so"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def dynamic(library, tag):
    return re.findall(rf"\({tag}\).*\[(.*)\]", output("readelf", "--wide", "--dynamic", library))


class Shipped(unittest.TestCase):
    def test_the_library_exports_its_entry_and_nothing_else(self):
        exported = [line.split()[2] for line in output("nm", "-D", "--defined-only", LIBRARY).splitlines()]
        self.assertEqual(exported, ["orch_plugin_entry"])

    def test_it_takes_nothing_of_the_libraries_inside_it_from_anybody(self):
        wanted = output("nm", "-D", "--undefined-only", LIBRARY)
        self.assertNotIn("4Poco", wanted)
        self.assertNotIn("3re2", wanted)
        self.assertNotIn("4pugi", wanted)
        self.assertNotIn("XML_", wanted)
        inside = ("Poco", "re2", "pugixml", "expat")
        self.assertEqual([name for name in dynamic(LIBRARY, "NEEDED") if any(one in name for one in inside)], [])

    def test_it_stays_mapped_after_dlclose(self):
        self.assertIn("NODELETE", output("readelf", "--wide", "--dynamic", LIBRARY))

    def test_the_manifest_names_a_library_that_is_there(self):
        manifest = json.loads((FOLDER / "manifest.json").read_text())
        self.assertEqual(manifest["id"], "run-on-email")
        self.assertTrue((FOLDER / manifest["library"]["linux-x86_64"]).is_file())


@unittest.skipUnless((FOLDER / "lib").is_dir(), "a sanitizer's build is not shipped")
class Bundled(unittest.TestCase):
    def test_the_libraries_beside_it_find_each_other_wherever_the_folder_is(self):
        self.assertEqual(dynamic(LIBRARY, "RUNPATH"), ["$ORIGIN/lib"])
        for library in (FOLDER / "lib").glob("lib*"):
            self.assertEqual(dynamic(library, "RUNPATH"), ["$ORIGIN"], library.name)

    def test_each_of_them_has_its_licence_and_the_ones_inside_too(self):
        readme = (FOLDER / "licenses" / "README.txt").read_text()
        for library in (FOLDER / "lib").glob("lib*"):
            package = re.search(rf"^  (\S+) .*[: ]{re.escape(library.name)}( |$)", readme, re.MULTILINE)
            self.assertTrue(package, f"{library.name} is not in licenses/README.txt")
            self.assertTrue((FOLDER / "licenses" / f"{package[1]}.txt").stat().st_size > 0)
        for inside in ("poco.txt", "re2.txt", "pugixml.txt", "expat.txt", "nlohmann-json.txt"):
            self.assertTrue((FOLDER / "licenses" / inside).stat().st_size > 0)

    def test_what_the_c_library_and_the_compiler_bring_is_the_machines(self):
        for name in ("libc.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libm.so.6"):
            self.assertFalse((FOLDER / "lib" / name).exists(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
