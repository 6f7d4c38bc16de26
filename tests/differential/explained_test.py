"""Tests of explained.py."""

import json
import pathlib
import tempfile
import unittest

import explained

DIFFERENCE = explained.Difference(
    "go", 1, frozenset({"l", "damage:refold"}), "pass", "none", "of 5 octets",
    "permanent", "l= is not allowed")


def rule(**when) -> dict:
    return {"id": "go/l", "implementation": "go", "cause": "It refuses l=.",
            "citation": "RFC 6376 section 8.2",
            "when": {"expected": "pass", "said": "permanent"} | when}


class Explained(unittest.TestCase):

    def count(self, *rules):
        return explained.explain(list(rules), [DIFFERENCE])

    def test_a_rule_that_holds_explains(self):
        for when in ({"all": ["l"]}, {"any": ["x", "damage:*"]},
                     {"says": ["not allowed"]}, {"reason": ["none"]},
                     {"detail": ["octets"]},
                     {"all": ["l"], "expected": ["none", "pass"]}):
            self.assertEqual(self.count(rule(**when)), ({"go/l": 1}, []))

    def test_a_rule_that_does_not_hold_explains_nothing(self):
        for when in ({"all": ["l", "x"]}, {"any": ["x"]},
                     {"all": ["l"], "none": ["damage:*"]}, {"says": ["times"]},
                     {"reason": ["key-revoked"]}, {"detail": ["t="]},
                     {"said": "temporary", "all": ["l"]},
                     {"expected": "permanent", "all": ["l"]},
                     {"all": ["l"], "said": ["pass", "none"]}):
            self.assertEqual(self.count(rule(**when)),
                             ({"go/l": 0}, [DIFFERENCE]))

    def test_rules_speak_of_one_implementation(self):
        other = rule(all=["l"]) | {"implementation": "rust"}
        self.assertEqual(self.count(other), ({"go/l": 0}, [DIFFERENCE]))

    def test_the_first_rule_gets_the_difference(self):
        second = rule(all=["l"]) | {"id": "go/again"}
        self.assertEqual(self.count(rule(all=["l"]), second),
                         ({"go/l": 1, "go/again": 0}, []))

    def refused(self, *rules) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "explained.json"
            path.write_text(json.dumps(rules), encoding="utf-8")
            with self.assertRaises(explained.RuleError) as caught:
                explained.read(path)
            return str(caught.exception)

    def test_wrong_rules_are_refused(self):
        self.assertIn("explains everything", self.refused(rule()))
        self.assertIn("explains everything", self.refused(rule(none=["l"])))
        self.assertIn("unknown member", self.refused(rule(al=["l"])))
        self.assertIn("occurs twice",
                      self.refused(rule(all=["l"]), rule(all=["l"])))
        for said in ("wrong", ["pass", "wrong"], []):
            self.assertIn("/when/said",
                          self.refused(rule(all=["l"], said=said)))
        self.assertIn("citation",
                      self.refused(rule(all=["l"]) | {"citation": "me"}))
        self.assertIn("must have", self.refused({"id": "x"}))
        for number in (-1, "7", True):
            self.assertIn("number of a message",
                          self.refused(rule(all=["l"]) | {"message": number}))

    def test_a_rule_may_name_a_message_that_shows_it(self):
        self.assertEqual(self.count(rule(all=["l"]) | {"message": 7}),
                         ({"go/l": 1}, []))

    def test_the_committed_rules_are_well_formed(self):
        path = pathlib.Path(__file__).with_name("explained.json")
        self.assertTrue(explained.read(path))


if __name__ == "__main__":
    unittest.main()
