// The command as people use it: stdout, exit status, files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reference/base/file.h"
#include "runners/results.h"
#include "tests/runners/command_test.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

class CliTest : public CommandTest {
 protected:
  std::string Own() const { return DKIMSPEC_COMMAND; }
};

TEST_F(CliTest, UsageErrorsAreTwo) {
  for (const char* arguments :
       {"", "fly", "run --bogus", "run --cases no/such/case",
        "run --implementations nobody", "run --now yesterday",
        "run --implementations all,nobody",
        "run --implementations reference -- ./my-worker",
        "cases show no/such/case", "cases export", "mutate no-such-mutator",
        "verify --zone z.json", "verify --policy fly=no x",
        "verify --policy rsa-sha1=maybe x", "verify --offline --zone z x",
        "verify --batch x y", "verify --batch x --json"}) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << arguments;
    EXPECT_NE(outcome.err, "") << arguments;
  }
  EXPECT_EQ(Run("--help").status, 0);
}

TEST_F(CliTest, FaultsAreThreeAndNameTheFile) {
  const std::string missing = folder_.Path("missing");
  for (const std::string& arguments :
       {"verify --zone " + missing + " x", "report " + missing,
        "run --suite " + missing, "dns --zone " + missing,
        "sign --key " + missing + " --domain d.example --selector s x"}) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 3) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(missing)) << arguments;
  }
}

TEST_F(CliTest, RunsTheReferenceAndWritesEverything) {
  const Outcome outcome =
      Run("run --implementations reference --fail-on-wrong --out " +
          folder_.Path("out") + " --junit " + folder_.Path("junit.xml"));
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, StartsWith("implementation  right"));
  EXPECT_THAT(outcome.out, HasSubstr(" 0 broken"));
  EXPECT_THAT(ReadFile(folder_.Path("junit.xml")).value_or(""),
              HasSubstr("<testsuite name=\"reference\""));
  EXPECT_THAT(ReadFile(folder_.Path("out/report.html")).value_or(""),
              HasSubstr("<html"));
  const auto results = runners::ReadResults(
      ReadFile(folder_.Path("out/results.jsonl")).value_or(""), "r");
  ASSERT_TRUE(results) << results.error().ToString();
  EXPECT_EQ(Run("report " + folder_.Path("out/results.jsonl")).out,
            outcome.out);
}

// A program under AddressSanitizer needs more memory than a worker may have.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

TEST_F(CliTest, AWorkerOfOnesOwnThatShowsNothingIsAFinding) {
  const std::string worker = folder_.Write("worker.py", R"(
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"protocol": 1, "name": "x"} if asked["op"] == "start"
                     else {"id": asked["id"], "error": "no"}), flush=True)
)");
  const Outcome outcome =
      Run("run --cases 'body/simple/*' -- /usr/bin/python3 " + worker);
  EXPECT_EQ(outcome.status, 1) << outcome.err;
}

TEST_F(CliTest, AWorkerOfOnesOwnNeedsNoFile) {
  if (kSanitized) {
    GTEST_SKIP() << "this program itself is the worker";
  }
  const Outcome outcome = Run("run --json -- " + Own() + " worker");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto results = runners::ReadResults(outcome.out, "stdout");
  ASSERT_TRUE(results) << results.error().ToString();
  ASSERT_EQ(results->implementations.size(), 1u);
  EXPECT_EQ(results->implementations[0].description.name, "reference-worker");
  for (const runners::CaseResult& result : results->cases) {
    EXPECT_FALSE(runners::IsWrong(result.judgement.outcome)) << result.case_id;
  }
}

TEST_F(CliTest, AWorkerThatIsWrongMakesOne) {
  const std::string worker = folder_.Write("worker.py", R"(
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "start":
        print(json.dumps({"protocol": 1, "name": "yes", "version": "1",
            "language": "python", "ops": ["verify"], "takes": ["now"],
            "features": ["rsa-sha256", "ed25519-sha256"], "dns": "request",
            "reports": "one-for-all"}), flush=True)
    else:
        print(json.dumps({"id": request["id"],
            "signatures": [{"result": "pass"}]}), flush=True)
)");
  const Outcome outcome = Run("run -- python3 " + worker);
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("false-accept"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\033")));
}

TEST_F(CliTest, AWorkerThatDoesNotStartIsAFault) {
  EXPECT_EQ(Run("run -- false").status, 3);
  EXPECT_EQ(Run("run -- " + folder_.Path("missing")).status, 3);
}

TEST_F(CliTest, CasesAreListedShownAndExported) {
  const std::string id = "signature/tag-list/a-tag-may-not-occur-twice";
  EXPECT_THAT(Run("cases list 'signature/**'").out, HasSubstr(id));
  EXPECT_THAT(Run("cases list 'signature/**'").out, Not(HasSubstr("@control")));
  EXPECT_THAT(Run("cases show " + id).out, HasSubstr("author: permanent"));
  const Outcome json = Run("cases show --json " + id);
  EXPECT_EQ(Json::parse(json.out)["control"], id + "@control");
  EXPECT_EQ(Run("cases export " + folder_.Path("c")).status, 0);
  EXPECT_TRUE(ReadFile(folder_.Path("c/" + id + "/message.eml")));
  const Outcome lines = Run("cases export --jsonl - --cases " + id);
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 2);
}

TEST_F(CliTest, SaltAndTimeChangeTheCasesAndNotTheExpectations) {
  const std::string show =
      "cases show --json signature/tag-list/a-tag-may-not-occur-twice";
  const Json plain = Json::parse(Run(show).out);
  const Json salted = Json::parse(Run(show + " --salt x").out);
  EXPECT_NE(plain["message"], salted["message"]);
  EXPECT_EQ(plain["subjects"][0]["expected"],
            salted["subjects"][0]["expected"]);
  const Json later = Json::parse(Run(show + " --now 2030-01-01T00:00:00Z").out);
  EXPECT_EQ(later["now"], 1893456000);
}

constexpr std::string_view kMessage =
    "From: a@dkim.example\r\nSubject: x\r\n\r\nHi.\r\n";

// A message signed with a key of the suite, and the zone that goes with it.
class SignedTest : public CliTest {
 protected:
  SignedTest() {
    const Outcome shown =
        Run("cases export --jsonl - --cases "
            "signature/tag-list/other-values-may-contain-b-equals");
    const Json test = Json::parse(shown.out);
    zone_ = folder_.Write("zone.json", test["zone"].dump());
    now_ = std::to_string(test["now"].get<std::int64_t>());
    EXPECT_EQ(Run("cases export " + folder_.Path("c")).status, 0);
    message_ = ReadFile(folder_.Path("c/signature/tag-list/"
                                     "other-values-may-contain-b-equals/"
                                     "message.eml"))
                   .value_or("");
    file_ = folder_.Write("message.eml", message_);
  }

  std::string zone_;
  std::string now_;
  std::string message_;
  std::string file_;
};

TEST_F(SignedTest, VerifyTellsPassFromFail) {
  const std::string options = "verify --zone " + zone_ + " --now " + now_ + " ";
  const Outcome good = Run(options + file_);
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("message.eml: pass d="));
  const Outcome bad = Run(options + "--json -", message_ + "more\r\n");
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(Json::parse(bad.out)[0]["signatures"][0]["reason"],
            "body-hash-did-not-verify");
  const Outcome unsigned_message = Run(options + "-", std::string(kMessage));
  EXPECT_EQ(unsigned_message.status, 1);
  EXPECT_THAT(unsigned_message.out, HasSubstr("none"));
}

TEST_F(SignedTest, FilesWithLfAreConvertedAndStderrSaysSo) {
  std::string lf = message_;
  std::erase(lf, '\r');
  const std::string options = "verify --zone " + zone_ + " --now " + now_ + " ";
  const Outcome converted = Run(options + "-", lf);
  EXPECT_EQ(converted.status, 0);
  EXPECT_THAT(converted.err, HasSubstr("has LF line ends"));
  EXPECT_EQ(Run(options + "--raw -", lf).status, 1);
}

TEST_F(SignedTest, DnsServesAZoneUntilItIsTold) {
  const std::string script = folder_.Write(
      "dns.sh", Own() + " dns --zone " + zone_ +
                    " > address & pid=$!\n"
                    "while ! test -s address; do sleep 0.05; done\n" +
                    Own() + " verify --nameserver $(cat address) --now " +
                    now_ + " " + file_ +
                    "; verified=$?\nkill $pid; wait $pid\n"
                    "echo $verified $?\n");
  Outcome outcome;
  FILE* pipe =
      popen(("cd " + folder_.Path() + " && sh " + script).c_str(), "r");
  std::array<char, 4096> block;
  const std::size_t size = fread(block.data(), 1, block.size(), pipe);
  pclose(pipe);
  EXPECT_THAT(std::string(block.data(), size), HasSubstr("\n0 0\n"));
}

TEST_F(CliTest, MutateDamagesOrSaysThatItCannot) {
  EXPECT_THAT(Run("mutate --list").out, HasSubstr("append-wsp"));
  EXPECT_FALSE(Json::parse(Run("mutate --list --json").out).empty());
  const Outcome hurt = Run("mutate append-wsp", std::string(kMessage));
  EXPECT_EQ(hurt.status, 0) << hurt.err;
  EXPECT_NE(hurt.out, kMessage);
  EXPECT_EQ(Run("mutate append-wsp no=thing", std::string(kMessage)).status, 2);
}

TEST_F(CliTest, TheWorkerSurvivesWhatIsNoRequest) {
  const Outcome outcome = Run("worker",
                              "nonsense\n[]\n{\"op\": \"fly\"}\n"
                              "{\"op\": \"verify\", \"id\": 7}\n"
                              "{\"op\": \"start\"}\n");
  EXPECT_EQ(outcome.status, 0);
  std::vector<Json> lines;
  std::size_t begin = 0;
  for (std::size_t end = outcome.out.find('\n'); end != std::string::npos;
       end = outcome.out.find('\n', begin)) {
    lines.push_back(Json::parse(outcome.out.substr(begin, end - begin)));
    begin = end + 1;
  }
  ASSERT_EQ(lines.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(lines[i].contains("error")) << lines[i];
  }
  EXPECT_EQ(lines[3]["id"], 7);
  EXPECT_EQ(lines[4]["protocol"], 1);
}

TEST_F(CliTest, LfFilesAreConvertedUnlessRaw) {
  const std::string sign =
      "sign --domain dkim.example --selector s --key " +
      std::string(DKIMSPEC_SOURCE_DIR "/fixtures/keys/ed25519-a.pem ");
  const std::string lf = "From: a@dkim.example\n\nHi.\n";
  const Outcome converted = Run(sign + "-", lf);
  EXPECT_EQ(converted.status, 0) << converted.err;
  EXPECT_THAT(converted.err, HasSubstr("LF line ends"));
  EXPECT_TRUE(
      converted.out.ends_with("\r\nFrom: a@dkim.example\r\n\r\nHi.\r\n"));
  const Outcome raw = Run(sign + "--raw -", lf);
  EXPECT_EQ(raw.status, 3);
  EXPECT_EQ(raw.out, "");
  EXPECT_EQ(Run("mutate bare-lf --raw", lf).status, 1);  // Nothing to damage.
  EXPECT_EQ(Run("mutate trace-insert", lf).status, 0);
}

}  // namespace
}  // namespace dkimspec
