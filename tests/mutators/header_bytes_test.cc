// What each mutator of the header does, octet by octet.
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "tests/mutators/mutate.h"

namespace dkimspec::mutators {
namespace {

struct HeaderCase {
  std::string_view says;
  std::string_view mutator;
  Params params;
  std::string_view before;
  std::optional<std::string_view> after;
};

Params Text(std::string_view name, std::string_view value) {
  return {{std::string(name), std::string(value)}};
}

const std::vector<HeaderCase>& FoldingTable() {
  static const auto& table = *new std::vector<HeaderCase>{
      {"puts a space",
       "colon-space",
       {},
       "A:b\r\nC: d\r\n",
       "A: b\r\nC: d\r\n"},
      {"not before white space, a fold or nothing",
       "colon-space",
       {},
       "A:\tb\r\nB:\r\n c\r\nC:\r\n",
       std::nullopt},
      {"only the fields asked for", "colon-space", Text("fields", "X,c"),
       "A:b\r\nC:d\r\n", "A:b\r\nC: d\r\n"},
      {"space before the colon stays",
       "colon-space",
       {},
       "A :b\r\n",
       "A : b\r\n"},
      {"title",
       "field-name-case",
       {},
       "MIME-Version: 1\r\nSubject: S\r\n",
       "Mime-Version: 1\r\nSubject: S\r\n"},
      {"upper", "field-name-case", Text("style", "upper"), "x-9a:b\r\n",
       "X-9A:b\r\n"},
      {"lower", "field-name-case", Text("style", "lower"), "X-A :B\r\n",
       "x-a :B\r\n"},
      {"title already", "field-name-case", {}, "Subject: S\r\n", std::nullopt},
      {"any white space goes",
       "space-before-colon",
       {},
       "A \t: b\r\nC\r\n : d\r\nE: f\r\n",
       "A: b\r\nC: d\r\nE: f\r\n"},
      {"none there", "space-before-colon", {}, "A: b :c\r\n", std::nullopt},
      {"no field at all", "field-name-case", {}, "no colon\r\n", std::nullopt},
      {"before the last white space that fits",
       "refold-header",
       {{"width", std::int64_t{20}}},
       "Subject: one two  three four\r\n",
       "Subject: one two\r\n  three four\r\n"},
      {"not between the colon and the text",
       "refold-header",
       {{"width", std::int64_t{20}}},
       "Subject:  onewordthatistoolong two\r\n",
       "Subject:  onewordthatistoolong\r\n two\r\n"},
      {"never into trailing white space",
       "refold-header",
       {{"width", std::int64_t{20}}},
       "Subject: onewordthatistoolong  \r\n",
       std::nullopt},
      {"folded lines are looked at one by one",
       "refold-header",
       {{"width", std::int64_t{20}}},
       "Subject: a b\r\n\tcccccccccccc ddddddddd eeeeeeeeee\r\n",
       "Subject: a b\r\n\tcccccccccccc\r\n ddddddddd\r\n eeeeeeeeee\r\n"},
      {"78 by default",
       "refold-header",
       {},
       "Subject: 10 34567890123456789012345678901234567890123456789012345678901"
       " 345 78\r\n",
       std::nullopt},
      {"joins",
       "unfold-header",
       {},
       "A: b\r\n\tc\r\n  d\r\nB: e\r\n",
       "A: b\tc  d\r\nB: e\r\n"},
      {"nothing is folded",
       "unfold-header",
       {},
       "A: b\r\nB: c\r\n",
       std::nullopt},
      {"a CR that is data stays",
       "unfold-header",
       {},
       "A: b\r\r\n c\r\n",
       "A: b\r c\r\n"},
  };
  return table;
}

const std::vector<HeaderCase>& ValueTable() {
  static const auto& table = *new std::vector<HeaderCase>{
      {"front",
       "subject-tag",
       {},
       "Subject: s\r\nTo: t\r\n",
       "Subject: [list] s\r\nTo: t\r\n"},
      {"no space after the colon",
       "subject-tag",
       {},
       "Subject:s\r\n",
       "Subject: [list] s\r\n"},
      {"folded after the colon",
       "subject-tag",
       {},
       "Subject:\r\n s\r\n",
       "Subject: [list]\r\n s\r\n"},
      {"empty", "subject-tag", {}, "Subject:\r\n", "Subject: [list]\r\n"},
      {"tagged already",
       "subject-tag",
       {},
       "Subject: Re: [list] s\r\n",
       std::nullopt},
      {"no subject", "subject-tag", {}, "From: a\r\n", std::nullopt},
      {"after Re:", "subject-tag", Text("style", "after-re"),
       "Subject: re: s\r\n", "Subject: re: [list] s\r\n"},
      {"after nothing", "subject-tag", Text("style", "after-re"),
       "Subject: Reply\r\n", "Subject: [list] Reply\r\n"},
      {"moved to the end", "subject-tag", Text("style", "moved-down"),
       "Subject: s\r\nTo: t\r\n", "To: t\r\nSubject: [list] s\r\n"},
      {"only the first subject", "subject-tag", Text("tag", "(x)"),
       "Subject: s\r\nSubject: t\r\n", "Subject: (x) s\r\nSubject: t\r\n"},
      {"between addresses",
       "comma-space",
       {},
       "To: a@b,c@d, e@f,\r\n g@h,\r\n",
       "To: a@b, c@d, e@f,\r\n g@h,\r\n"},
      {"not in quotes, comments or routes",
       "comma-space",
       {},
       "Cc: \"a,\\\"b\" <@x,@y:c@d> (e,(f),\\)g),h@i\r\n",
       "Cc: \"a,\\\"b\" <@x,@y:c@d> (e,(f),\\)g), h@i\r\n"},
      {"not in other fields",
       "comma-space",
       {},
       "Subject: a,b\r\n",
       std::nullopt},
      {"quote",
       "param-quote",
       {},
       "Content-Type: text/plain; format=flowed;\r\n\tCharset=utf-8; x=y\r\n",
       "Content-Type: text/plain; format=flowed;\r\n\tCharset=\"utf-8\"; "
       "x=y\r\n"},
      {"quoted already",
       "param-quote",
       {},
       "Content-Type: text/plain; charset=\"utf-8\"\r\n",
       std::nullopt},
      {"not inside another value",
       "param-quote",
       {},
       "Content-Type: text/plain; name=\"; charset=x\"\r\n",
       std::nullopt},
      {"unquote",
       "param-quote",
       {{"style", std::string("unquote")}, {"param", std::string("name")}},
       "Content-Disposition: attachment; name=\"a.txt\"\r\n",
       "Content-Disposition: attachment; name=a.txt\r\n"},
      {"what needs its quotes keeps them",
       "param-quote",
       {{"style", std::string("unquote")}, {"param", std::string("name")}},
       "Content-Disposition: attachment; name=\"a b\"\r\n",
       std::nullopt},
  };
  return table;
}

const std::vector<HeaderCase>& FieldTable() {
  static const auto& table = *new std::vector<HeaderCase>{
      {"on top",
       "prepend-duplicate",
       {{"field", std::string("Subject")}, {"value", std::string("t")}},
       "From: a\r\nSubject: s\r\n",
       "Subject: t\r\nFrom: a\r\nSubject: s\r\n"},
      {"there is none to duplicate",
       "prepend-duplicate",
       {},
       "To: a\r\n",
       std::nullopt},
      {"a stray line would become part of it",
       "prepend-duplicate",
       {},
       " x\r\nFrom: a\r\n",
       std::nullopt},
      {"every instance",
       "drop-field",
       {},
       "bcc: b\r\nA: c\r\nBcc:\r\n d\r\n",
       "A: c\r\n"},
      {"none there", "drop-field", {}, "X-Bcc: b\r\n", std::nullopt},
      {"reverse, but instances in order", "header-reorder",
       Text("order", "reverse"), "A: 1\r\nB: 1\r\na: 2\r\nC: 1\r\n",
       "C: 1\r\nA: 1\r\nB: 1\r\na: 2\r\n"},
      {"by name, lines that are no fields stay", "header-reorder",
       Text("order", "by-name"), " x\r\nb: 1\r\nno\r\nC: 1\r\nA:\r\n 1\r\n",
       " x\r\nA:\r\n 1\r\nno\r\nb: 1\r\nC: 1\r\n"},
      {"in this order already", "header-reorder", Text("order", "by-name"),
       "A: 1\r\nB: 1\r\n", std::nullopt},
      {"a single name has no other order",
       "header-reorder",
       {},
       "A: 1\r\na: 2\r\n",
       std::nullopt},
      {"neighbouring instances",
       "swap-same-name",
       {},
       "A: 1\r\nB: 1\r\na: 2\r\n",
       "a: 2\r\nB: 1\r\nA: 1\r\n"},
      {"equal ones cannot be told apart",
       "swap-same-name",
       {},
       "A: 1\r\nA: 1\r\n",
       std::nullopt},
      {"signatures are left out",
       "swap-same-name",
       {},
       "DKIM-Signature: a\r\nDKIM-Signature: b\r\n",
       std::nullopt},
      {"unless named", "swap-same-name", Text("field", "dkim-signature"),
       "DKIM-Signature: a\r\nDKIM-Signature: b\r\n",
       "DKIM-Signature: b\r\nDKIM-Signature: a\r\n"},
  };
  return table;
}

void ExpectTable(const std::vector<HeaderCase>& table) {
  for (const HeaderCase& row : table) {
    const std::string body = "\r\nx\r\n";
    std::optional<std::string> after;
    if (row.after) {
      after = std::string(*row.after) + body;
    }
    ExpectBytes({row.says, row.mutator, row.params,
                 std::string(row.before) + body, std::move(after)});
  }
}

TEST(HeaderBytes, FoldingIsAsTabled) { ExpectTable(FoldingTable()); }
TEST(HeaderBytes, ValuesAreAsTabled) { ExpectTable(ValueTable()); }
TEST(HeaderBytes, FieldsAreAsTabled) { ExpectTable(FieldTable()); }

TEST(HeaderBytes, AnUnfinishedLastFieldIsEndedWhenItMoves) {
  ExpectBytes({"no separator, no CRLF",
               "header-reorder",
               {{"order", std::string("reverse")}},
               "A: 1\r\nB: 2",
               "B: 2\r\nA: 1\r\n"});
}

TEST(TraceInsert, PutsOneReceivedFieldOnTop) {
  const std::string before = "From: a\r\n\r\nx\r\n";
  const auto damage =
      Mutate("trace-insert", {{"by", std::string("b.example")}}, before);
  ASSERT_TRUE(damage);
  const MessageView after = ParseMessage(damage->message);
  ASSERT_EQ(after.fields.size(), 2u);
  EXPECT_TRUE(after.fields[0].Is("Received"));
  EXPECT_NE(after.fields[0].value.find("by b.example with"),
            std::string_view::npos);
  EXPECT_EQ(damage->message.substr(after.fields[0].octets.size()), before);
}

TEST(HeaderReorder, ShufflesEveryWayAndNeverNot) {
  const std::string before = "A: 1\r\nB: 1\r\nA: 2\r\n\r\n";
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto damage = Mutate("header-reorder", {}, before, seed);
    ASSERT_TRUE(damage);
    seen.insert(damage->message);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"B: 1\r\nA: 1\r\nA: 2\r\n\r\n",
                                         "A: 1\r\nA: 2\r\nB: 1\r\n\r\n"}));
}

}  // namespace
}  // namespace dkimspec::mutators
