#!/usr/bin/env python3
"""tools/check-words finds what it is there to find, in small trees made for it."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = 'msgid ""\nmsgstr "Language: ru\\n"\n'
SOUND = {"plugin/net/dial.cpp": 'error("connecting to " + peer, "Check the port.");\n',
         "plugin/language/ru.po": HEAD + '\nmsgid "connecting to {0}"\nmsgstr "соединение с {0}"\n'
                                         '\nmsgid "Check the port."\nmsgstr "Проверьте порт."\n'}


def check(files):
    """Exit status and output for a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (Path(folder) / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "embed-catalogue", Path(folder) / "tools")
        done = subprocess.run([ROOT / "tools" / "check-words", folder], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def with_more(**files):
    """The sound tree with more in its source, its catalogue or its exceptions."""
    names = {"source": "plugin/net/dial.cpp", "catalogue": "plugin/language/ru.po",
             "exceptions": "plugin/language/not-shown.txt"}
    return SOUND | {names[key]: SOUND.get(names[key], "") + text for key, text in files.items()}


class CheckWords(unittest.TestCase):
    def expect_fault(self, files, words):
        status, output = check(files)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def expect_none(self, files):
        self.assertEqual(check(files), (0, ""))

    def test_texts_that_are_translated_are_sound(self):
        self.expect_none(SOUND)

    def test_a_text_without_a_translation_is_a_fault(self):
        self.expect_fault(with_more(source='\nerror("no route to it");\n'),
                          "plugin/net/dial.cpp:3: is not in plugin/language/ru.po: no route to it")

    def test_less_than_a_sentence_is_a_fault(self):
        self.expect_fault(with_more(source='error("Check the");\n'), "is not in plugin/language/ru.po: Check the")

    def test_what_is_said_in_pieces_is_taken_as_one(self):
        self.expect_fault(with_more(source='error("no route "\n   "to \\"it\\"");\n'), 'no route to "it"')

    def test_a_text_of_several_sentences_is_taken_apart(self):
        self.expect_none(with_more(source='error("Check the port. Check the port.");\n'))

    def test_comments_includes_and_single_words_are_no_texts(self):
        self.expect_none(with_more(source='// says "no route to it"\n#include "no route to it"\nname("polling");\n'))

    def test_a_quote_in_a_character_begins_no_text(self):
        self.expect_none(with_more(source="find('\"'); count(10'000); find('\"'); // no \"route to it\n"))

    def test_a_text_with_its_Russian_twin_beside_it_is_sound(self):
        self.expect_none(with_more(source='both("no route to it", "нет пути");\n'))

    def test_an_exception_is_sound_and_one_too_many_a_fault(self):
        self.expect_none(with_more(source='log("no route to ");\n',
                                   exceptions="# Lines of the log.\nplugin/net/dial.cpp|no route to\n"))
        self.expect_fault(with_more(exceptions="plugin/net/dial.cpp|no route to\n"), "not-shown.txt:1:")

    def test_sql_is_no_text(self):
        self.expect_none(SOUND | {"plugin/ledger/log.cpp": 'run("SELECT id FROM mark WHERE n = 1");\n'})

    def test_an_entry_that_nobody_says_is_a_fault(self):
        self.expect_fault(with_more(catalogue='\nmsgid "connecting at {0}"\nmsgstr "соединение с {0}"\n'),
                          "plugin/language/ru.po:10: fits no text of the sources")

    def test_what_the_system_says_is_in_no_source(self):
        self.expect_none(with_more(
            catalogue='\n#, of-the-system\nmsgid "Connection refused"\nmsgstr "соединение отклонено"\n'))

    def test_entries_that_are_not_well_formed_are_faults(self):
        for entry, words in (('msgid "Check the port."\nmsgstr "Порт."\n', "is there twice"),
                             ('msgid "connecting to"\nmsgstr ""\n', "has no translation"),
                             ('msgid "connecting to {0}:"\nmsgstr "соединение"\n', "other holes"),
                             ('msgid "connecting to {0}:"\nmsgstr "соединение {0} {0}"\n', "other holes"),
                             ('msgid "connecting to {1}"\nmsgstr "соединение {1}"\n', "in order"),
                             ('msgid "connecting to {x}"\nmsgstr "соединение {x}"\n', "no hole"),
                             ('msgid "connecting to {0}{1}"\nmsgstr "соединение {0}{1}"\n', "nothing between"),
                             ('msgid "{0}: {1}"\nmsgstr "{0}: {1}"\n', "no words")):
            self.expect_fault(with_more(catalogue="\n" + entry), words)

    def test_a_tree_without_a_catalogue_is_no_success(self):
        self.assertEqual(check({"README.md": ""})[0], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
