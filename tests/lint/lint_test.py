"""The lints find what they look for, and nothing else."""

import unittest

import layers
import line_ends
import long_files


class Layers(unittest.TestCase):
    def found(self, path, *includes):
        text = b"".join(b'#include "%s"\n' % i.encode() for i in includes)
        return list(layers.violations(path, text))

    def test_upward_include_is_found(self):
        self.assertEqual(
            self.found("reference/signer.cc", "fixtures/case.h"),
            ["reference/signer.cc: reference must not include fixtures/case.h"])

    def test_sibling_include_is_found(self):
        self.assertTrue(self.found("mutators/a.cc", "dnsstub/server.h"))
        self.assertTrue(self.found("dnsstub/a.cc", "mutators/mutator.h"))

    def test_nobody_includes_the_command(self):
        self.assertTrue(self.found("runners/run.cc", "runners/cli/main.h"))

    def test_include_without_folder_is_found(self):
        self.assertTrue(self.found("reference/signer.cc", "signer.h"))

    def test_downward_includes_are_fine(self):
        self.assertEqual(self.found(
            "runners/run.cc", "runners/run.h", "fixtures/case.h",
            "dnsstub/server.h", "reference/json/zone_json.h"), [])

    def test_tests_may_include_anything(self):
        self.assertEqual(self.found("tests/a.cc", "runners/run.h"), [])


class LongFiles(unittest.TestCase):
    def test_bounds(self):
        self.assertEqual(list(long_files.findings("a.cc", 400)), [])
        self.assertEqual(list(long_files.findings("a.cc", 401)),
                         [("a.cc: 401 lines", False)])
        self.assertEqual(list(long_files.findings("a.cc", 801)),
                         [("a.cc: 801 lines", True)])

    def test_data_may_be_long(self):
        self.assertEqual(list(long_files.findings("a.json", 9000)), [])


class LineEnds(unittest.TestCase):
    def test_bare_lf_in_a_message(self):
        self.assertEqual(list(line_ends.findings("a.eml", b"x\r\ny\n")),
                         ["a.eml:2: a bare CR or LF in a message"])

    def test_crcrlf_in_a_message(self):
        self.assertTrue(list(line_ends.findings("a.eml", b"x\r\r\n")))

    def test_on_purpose(self):
        self.assertEqual(list(line_ends.findings("bare-lf.eml", b"x\n")), [])

    def test_cr_in_text(self):
        self.assertTrue(list(line_ends.findings("a.cc", b"x\r\n")))

    def test_right_ones(self):
        self.assertEqual(list(line_ends.findings("a.eml", b"x\r\n")), [])
        self.assertEqual(list(line_ends.findings("a.md", b"x\n")), [])


if __name__ == "__main__":
    unittest.main()
