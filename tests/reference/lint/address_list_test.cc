#include "reference/address_list.h"

#include <gtest/gtest.h>

#include <string>

namespace dkimspec {
namespace {

struct Row {
  std::string value;
  std::string addresses;  // "a@b c@d"
  bool is_whole = true;
};

std::string Join(const AddressList& list) {
  std::string joined;
  for (const Address& address : list.addresses) {
    joined += joined.empty() ? "" : " ";
    joined += address.local_part + "@" + address.domain;
  }
  return joined;
}

class AddressListTest : public ::testing::TestWithParam<Row> {};

TEST_P(AddressListTest, Reads) {
  const AddressList list = ParseAddressList(GetParam().value);
  EXPECT_EQ(Join(list), GetParam().addresses) << GetParam().value;
  EXPECT_EQ(list.problem.empty(), GetParam().is_whole) << list.problem;
}

INSTANTIATE_TEST_SUITE_P(
    Mailboxes, AddressListTest,
    ::testing::Values(
        Row{"joe@example.com", "joe@example.com"},
        Row{" Joe <joe@example.com>\r\n ", "joe@example.com"},
        Row{"Joe Q. Public <john.q.public@example.com>",
            "john.q.public@example.com"},
        Row{"\"Joe, or <ann@b>\" <joe@example.com>", "joe@example.com"},
        Row{"\"a\\\"b\" <joe@example.com>", "joe@example.com"},
        Row{"joe@example.com (Joe (at) home <x@y>)", "joe@example.com"},
        Row{"joe(a)@(b)example.(c)com", "joe@example.com"},
        Row{"joe @ example . com", "joe@example.com"},
        Row{"\"joe smith\"@example.com", "\"joe smith\"@example.com"},
        Row{"joe@[192.0.2.1]", "joe@[192.0.2.1]"},
        Row{"<joe@example.com>", "joe@example.com"},
        Row{"=?utf-8?q?J=C3=B6?= <joe@example.com>", "joe@example.com"},
        Row{"J\xC3\xB6 <j\xC3\xB6@b\xC3\xBC.example>",
            "j\xC3\xB6@b\xC3\xBC.example"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, AddressListTest,
    ::testing::Values(
        Row{"a@a.example, B <b@b.example>", "a@a.example b@b.example"},
        Row{"a@a.example,, ,b@b.example,", "a@a.example b@b.example"},
        Row{"Friends: a@a.example, B <b@b.example>;",
            "a@a.example b@b.example"},
        Row{"Friends: a@a.example;, c@c.example", "a@a.example c@c.example"},
        Row{"undisclosed-recipients:;", ""}, Row{"", ""},
        Row{"<@relay.example,@b.example:joe@example.com>", "joe@example.com"}));

INSTANTIATE_TEST_SUITE_P(
    Broken, AddressListTest,
    ::testing::Values(
        Row{"joe", "", false}, Row{"joe@", "", false},
        Row{"joe@example.com evil@b.example", "joe@example.com", false},
        Row{"joe@example.com <evil@b.example>", "joe@example.com", false},
        Row{"<joe@example.com", "joe@example.com", false},
        Row{"Joe <joe@example.com> <a@b.example>", "joe@example.com", false},
        Row{"joe@a@b", "joe@a", false}, Row{"joe..x@example.com", "", false},
        Row{"\"joe@example.com", "", false}, Row{"(joe@example.com", "", false},
        Row{"Friends: a@a.example", "a@a.example", false},
        Row{"a: b: c@d;", "", false}, Row{"joe\r\n@example.com", "", false},
        Row{"joe)@example.com", "", false},
        Row{"\xFF@example.com", "", false}));

// A long nest of comments is no nest of calls.
TEST(AddressListLimits, DeepCommentsAreRead) {
  const std::string open(100000, '(');
  const std::string close(100000, ')');
  EXPECT_EQ(Join(ParseAddressList(open + close + "a@b.example")),
            "a@b.example");
}

}  // namespace
}  // namespace dkimspec
