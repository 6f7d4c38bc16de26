#include "runners/worker_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace dkimspec::runners {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Json Parsed(const std::string& line) {
  EXPECT_TRUE(line.ends_with('\n'));
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line each";
  return Json::parse(line);
}

TEST(RequestId, IsRandomAndFitsADouble) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t id = RandomRequestId();
    EXPECT_GT(id, 0u);
    EXPECT_LT(id, kIdLimit);
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Encode, Start) {
  EXPECT_EQ(Parsed(EncodeStart()),
            Json::parse(R"({"op":"start","protocol":1})"));
}

TEST(Encode, VerifyWithZone) {
  Request request;
  request.id = 7;
  request.message = "From: a@b.example\r\n\r\n";
  request.envelope.mail_from = "<>";
  request.envelope.rcpt_to = {"<b@b.example>"};
  request.now = 1767225600;
  request.zone = Zone{};
  (*request.zone)["s._domainkey.b.example"] = {
      ZoneEntry::Kind::kTxt, {{"v=DKIM1; p="}}, "", ""};
  EXPECT_EQ(Parsed(EncodeVerify(request)), Json::parse(R"({
    "op": "verify", "id": 7, "now": 1767225600,
    "message": "RnJvbTogYUBiLmV4YW1wbGUNCg0K",
    "envelope": {"mail_from": "<>", "rcpt_to": ["<b@b.example>"]},
    "zone": {"s._domainkey.b.example": ["v=DKIM1; p="]}})"));
}

TEST(Encode, VerifyTellsNothingBesides) {
  Request request;
  request.id = 8;
  request.nameserver = "127.0.0.1:5353";
  EXPECT_EQ(Parsed(EncodeVerify(request, "/long/8.eml")), Json::parse(R"({
    "op": "verify", "id": 8, "now": 0, "message_path": "/long/8.eml",
    "envelope": {"mail_from": null, "rcpt_to": []},
    "nameserver": "127.0.0.1:5353"})"));
}

// What is not UTF-8 must not break the line for all others.
TEST(Encode, OctetsThatAreNoTextAreReplaced) {
  Request request;
  request.envelope.mail_from = "<\xff@b.example>";
  EXPECT_EQ(Parsed(EncodeVerify(request))["envelope"]["mail_from"],
            "<\xEF\xBF\xBD@b.example>");
}

TEST(Encode, SignSendsWhatIsAsked) {
  SignRequest request;
  request.id = 9;
  request.message = "x";
  request.domain = "d.example";
  request.selector = "s";
  request.key_pem = "PEM";
  EXPECT_EQ(Parsed(EncodeSign(request)), Json::parse(R"({
    "op": "sign", "id": 9, "message": "eA==", "domain": "d.example",
    "selector": "s", "key_pem": "PEM"})"));
  request.header_canonicalization = "relaxed";
  request.body_canonicalization = "simple";
  request.algorithm = "ed25519-sha256";
  request.signed_header_fields = {"From", "From"};
  request.identity = "@d.example";
  request.now = 5;
  request.timestamp = 3;
  request.expiration = 4;
  EXPECT_EQ(Parsed(EncodeSign(request)), Json::parse(R"({
    "op": "sign", "id": 9, "message": "eA==", "domain": "d.example",
    "selector": "s", "key_pem": "PEM", "header_canonicalization": "relaxed",
    "body_canonicalization": "simple", "algorithm": "ed25519-sha256",
    "signed_header_fields": ["From", "From"], "identity": "@d.example",
    "now": 5, "timestamp": 3, "expiration": 4})"));
}

TEST(Noise, IsWhatIsNoJsonObject) {
  for (const char* noise : {"", " ", "Verifying...", "[]", "null", "7",
                            "\"pass\"", "{", "{\"id\":1", "{} trailing",
                            "{'id': 1}", "\xff\xfe", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(IsJsonObject(noise)) << noise;
  }
  for (const char* object : {"{}", " {\"id\":1} ", "{\"id\":1}\r"}) {
    EXPECT_TRUE(IsJsonObject(object)) << object;
  }
}

TEST(DecodeDescription, ReadsAllMembers) {
  auto who = DecodeDescription(R"({"protocol":1,"name":"go-msgauth",
    "version":"0.6.6","language":"go","family":"emersion",
    "ops":["verify","sign"],"features":["rsa-sha256"],"takes":["now"],
    "policies":["rejects-l"],"words":{"bad":"fail"},"dns":"sandbox",
    "reports":"one-for-all","in_flight":8,"added later":[1]})");
  ASSERT_TRUE(who.has_value()) << who.error().ToString();
  EXPECT_EQ(who->name, "go-msgauth");
  EXPECT_EQ(who->version, "0.6.6");
  EXPECT_EQ(who->language, "go");
  EXPECT_EQ(who->family, "emersion");
  EXPECT_THAT(who->ops, ElementsAre("verify", "sign"));
  EXPECT_THAT(who->features, ElementsAre("rsa-sha256"));
  EXPECT_THAT(who->policies, ElementsAre("rejects-l"));
  EXPECT_THAT(who->words, ElementsAre(Pair("bad", "fail")));
  EXPECT_TRUE(who->takes_now);
  EXPECT_EQ(who->dns, DnsWay::kSandbox);
  EXPECT_EQ(who->reports, Reports::kOneForAll);
  EXPECT_EQ(who->in_flight, 8);
}

TEST(DecodeDescription, DefaultsAreTheSimplestWorker) {
  auto who = DecodeDescription(R"({"protocol":1,"name":"x","version":null})");
  ASSERT_TRUE(who.has_value()) << who.error().ToString();
  EXPECT_THAT(who->ops, ElementsAre("verify"));
  EXPECT_FALSE(who->takes_now);
  EXPECT_EQ(who->dns, DnsWay::kRequest);
  EXPECT_EQ(who->reports, Reports::kEach);
  EXPECT_EQ(who->in_flight, 1);
}

struct Refusal {
  const char* line;
  const char* message;
};

TEST(DecodeDescription, ErrorsNameTheMember) {
  const Refusal refusals[] = {
      {R"(hello)", "start answer: is not a JSON object: hello"},
      {R"({"name":"x"})",
       R"(start answer: must have "protocol":1, as asked: {"name":"x"})"},
      {R"({"protocol":2,"name":"x"})", R"(must have "protocol":1)"},
      {R"({"protocol":"1","name":"x"})", R"(must have "protocol":1)"},
      {R"({"protocol":1})", R"("name" is missing)"},
      {R"({"protocol":1,"name":""})", R"("name" must not be empty)"},
      {R"({"protocol":1,"name":7})", R"("name" must be a string)"},
      {R"({"protocol":1,"name":"x","ops":"verify"})",
       R"("ops" must be a list)"},
      {R"({"protocol":1,"name":"x","ops":[1]})",
       R"("ops" must be a list of strings)"},
      {R"({"protocol":1,"name":"x","dns":"carrier pigeon"})",
       R"("dns" must be one of "request", "nameserver", "sandbox")"},
      {R"({"protocol":1,"name":"x","reports":"all"})",
       R"("reports" must be one of "each", "first", "one-for-all")"},
      {R"({"protocol":1,"name":"x","in_flight":0})",
       R"("in_flight" must be a whole number from 1 to 1024)"},
      {R"({"protocol":1,"name":"x","words":{"bad":"awful"}})",
       R"("words" must give "bad" a word of RFC 8601)"},
      {R"({"error":"needs python3-dkim"})", "start answer: needs python3-dkim"},
  };
  for (const Refusal& refusal : refusals) {
    auto who = DecodeDescription(refusal.line);
    ASSERT_FALSE(who.has_value()) << refusal.line;
    EXPECT_THAT(who.error().ToString(), HasSubstr(refusal.message));
  }
}

TEST(DecodeReply, Signatures) {
  auto reply = DecodeReply(
      R"({"id":7,"signatures":[
        {"d":"a.example","s":"s1","b":"dzd","result":"fail","says":"bad hash"},
        {"result":"Broken","d":null},
        {"result":"PASS"}]})",
      {{"Broken", "permerror"}});
  ASSERT_TRUE(reply.has_value()) << reply.error().ToString();
  EXPECT_EQ(reply->id, 7u);
  EXPECT_EQ(reply->answer.status, Answer::Status::kSaid);
  ASSERT_EQ(reply->answer.signatures.size(), 3u);
  const SignatureAnswer& first = reply->answer.signatures[0];
  EXPECT_EQ(first.sdid, "a.example");
  EXPECT_EQ(first.selector, "s1");
  EXPECT_EQ(first.signature_start, "dzd");
  EXPECT_EQ(first.word, "fail");
  EXPECT_EQ(first.result, "fail");
  EXPECT_EQ(first.says, "bad hash");
  EXPECT_EQ(reply->answer.signatures[1].word, "Broken");
  EXPECT_EQ(reply->answer.signatures[1].result, "permerror");
  EXPECT_EQ(reply->answer.signatures[2].word, "PASS");
  EXPECT_EQ(reply->answer.signatures[2].result, "") << "never guessed";
}

TEST(DecodeReply, OtherKinds) {
  auto decode = [](const char* line) { return *DecodeReply(line, {}); };
  EXPECT_EQ(decode(R"({"id":1,"signatures":[]})").answer.status,
            Answer::Status::kSaid);
  EXPECT_EQ(decode(R"({"id":1,"silent":true})").answer.status,
            Answer::Status::kSilent);
  EXPECT_EQ(decode(R"({"id":1,"silent":true,"says":"no"})").answer.detail,
            "no");
  Reply reply = decode(R"({"id":1,"unsupported":"ed25519-sha256"})");
  EXPECT_EQ(reply.answer.status, Answer::Status::kUnsupported);
  EXPECT_EQ(reply.answer.detail, "ed25519-sha256");
  reply = decode(R"({"id":1,"error":"Traceback","silent":null})");
  EXPECT_EQ(reply.answer.status, Answer::Status::kError);
  EXPECT_EQ(reply.answer.detail, "Traceback");
  reply = decode(R"({"id":1,"message":"eA=="})");
  EXPECT_EQ(reply.answer.status, Answer::Status::kSaid);
  EXPECT_EQ(reply.message, "x");
}

TEST(DecodeReply, IdsMayBeFloatingPoint) {
  EXPECT_EQ(DecodeReply(R"({"id":9007199254740991.0,"silent":true})", {})->id,
            9007199254740991u);
}

TEST(DecodeReply, BreachesAreNamed) {
  const Refusal refusals[] = {
      {R"([])", "is not a JSON object"},
      {R"({"silent":true})", R"(has no "id" of its request)"},
      {R"({"id":"7","silent":true})", R"(has no "id" of its request)"},
      {R"({"id":-1,"silent":true})", R"(has no "id" of its request)"},
      {R"({"id":1e300,"silent":true})", R"(has no "id" of its request)"},
      {R"({"id":1})", "must have exactly one of"},
      {R"({"id":1,"silent":true,"error":"x"})", "must have exactly one of"},
      {R"({"id":1,"silent":false})", R"("silent" must be true)"},
      {R"({"id":1,"signatures":"pass"})", R"("signatures" must be a list)"},
      {R"({"id":1,"signatures":["pass"]})",
       R"("signatures" must be a list of objects)"},
      {R"({"id":1,"signatures":[{}]})",
       R"("signatures" has an item whose "result" is missing)"},
      {R"({"id":1,"signatures":[{"result":true}]})",
       R"(whose "result" must be a string)"},
      {R"({"id":1,"error":{}})", R"("error" must be a string)"},
      {R"({"id":1,"message":"%"})", R"("message" is not base64)"},
  };
  for (const Refusal& refusal : refusals) {
    auto reply = DecodeReply(refusal.line, {});
    ASSERT_FALSE(reply.has_value()) << refusal.line;
    EXPECT_THAT(reply.error().ToString(), HasSubstr(refusal.message));
  }
}

TEST(DecodeReply, LongLinesAreQuotedInPart) {
  auto reply = DecodeReply("{\"x\":\"" + std::string(100000, 'x') + "\"}", {});
  ASSERT_FALSE(reply.has_value());
  EXPECT_LT(reply.error().ToString().size(), 300u);
}

// Lines of docs/worker-protocol.md that begin with `mark`, without it.
std::vector<std::string> Examples(std::string_view mark) {
  std::ifstream page(DKIMSPEC_SOURCE_DIR "/docs/worker-protocol.md");
  std::vector<std::string> found;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(mark)) {
      found.push_back(line.substr(mark.size()));
    }
  }
  return found;
}

TEST(Documentation, AnswersAreReadAsWritten) {
  int descriptions = 0;
  int failures = 0;
  int replies = 0;
  for (const std::string& line : Examples("< ")) {
    if (Json::parse(line).contains("id")) {
      auto reply = DecodeReply(line, {});
      EXPECT_TRUE(reply.has_value()) << reply.error().ToString();
      ++replies;
    } else {
      DecodeDescription(line).has_value() ? ++descriptions : ++failures;
    }
  }
  EXPECT_EQ(descriptions, 1);
  EXPECT_EQ(failures, 1) << "the worker that needs something";
  EXPECT_EQ(replies, 6);
}

// No request in the page has a member that is never sent.
TEST(Documentation, RequestsAreWrittenAsSent) {
  Request verify;
  verify.zone = Zone{};
  SignRequest sign;
  sign.algorithm = sign.header_canonicalization = sign.body_canonicalization =
      sign.identity = "x";
  std::map<std::string, Json> sent = {{"start", Parsed(EncodeStart())},
                                      {"verify", Parsed(EncodeVerify(verify))},
                                      {"sign", Parsed(EncodeSign(sign))}};
  for (const std::string& line : Examples("> ")) {
    const Json request = Json::parse(line);
    const auto found = sent.find(request.at("op"));
    ASSERT_NE(found, sent.end()) << line;
    for (const auto& [name, value] : request.items()) {
      ASSERT_TRUE(found->second.contains(name)) << name;
      EXPECT_EQ(found->second[name].type_name(), std::string(value.type_name()))
          << name;
    }
    sent.erase(found);
  }
  EXPECT_TRUE(sent.empty()) << "an op has no example";
}

// What the schema knows is what is sent and read, name by name.
TEST(Documentation, TheSchemaKnowsEveryMember) {
  std::ifstream file(DKIMSPEC_SOURCE_DIR "/docs/worker-protocol.schema.json");
  const Json definitions = Json::parse(file).at("$defs");
  Request verify;
  verify.zone = Zone{};
  verify.nameserver = "127.0.0.1:5353";
  SignRequest sign;
  sign.algorithm = sign.header_canonicalization = sign.body_canonicalization =
      sign.identity = "x";
  sign.signed_header_fields = {"From"};
  sign.now = sign.timestamp = sign.expiration = 1;
  const std::pair<const char*, Json> rows[] = {
      {"start_request", Parsed(EncodeStart())},
      {"verify_request", Parsed(EncodeVerify(verify))},
      {"sign_request", Parsed(EncodeSign(sign))}};
  for (const auto& [name, request] : rows) {
    std::set<std::string> known;
    for (const auto& [member, type] :
         definitions.at(name).at("properties").items()) {
      known.insert(member);
    }
    known.erase("message_path");  // In place of message.
    std::set<std::string> sent;
    for (const auto& [member, value] : request.items()) {
      sent.insert(member);
    }
    EXPECT_EQ(known, sent) << name;
  }
}

}  // namespace
}  // namespace dkimspec::runners
