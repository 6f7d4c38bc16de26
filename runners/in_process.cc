#include "runners/in_process.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "reference/base/base64.h"
#include "reference/key_cache.h"
#include "reference/reason.h"
#include "reference/unbound_key_source.h"
#include "reference/verifier.h"

namespace dkimspec::runners {
namespace {

// b= up to its end or 8 characters, as Authentication-Results shows it (RFC
// 6008 section 4).
constexpr std::size_t kSignatureStart = 8;

std::string SignatureStart(const Verification& verification) {
  if (!verification.signature) {
    return "";
  }
  return Base64Encode(verification.signature->signature_data)
      .substr(0, kSignatureStart);
}

SignatureAnswer ToAnswer(const Verification& verification) {
  SignatureAnswer answer;
  answer.sdid = verification.identity.sdid;
  answer.selector = verification.identity.selector;
  answer.signature_start = SignatureStart(verification);
  answer.result = ToString(ResultOf(verification));
  answer.word = answer.result;
  answer.says = Info(verification.reason).text;
  if (!verification.detail.empty()) {
    answer.says += fmt::format(" ({})", verification.detail);
  }
  return answer;
}

class Reference : public Implementation {
 public:
  explicit Reference(DnsWay dns) : description_(DescribeReference(dns)) {}

  const Description& description() const override { return description_; }

  void Ask(const std::vector<Request>& requests, const Done& done) override {
    // Waiting for a name server is the only thing that takes time.
    const std::size_t threads =
        description_.dns == DnsWay::kNameserver ? 16 : 1;
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    const auto work = [&] {
      for (std::size_t i = next++; i < requests.size(); i = next++) {
        Answer answer = AskOne(requests[i]);
        const std::lock_guard lock(mutex);
        done(i, std::move(answer));
      }
    };
    std::vector<std::thread> pool;
    for (std::size_t i = 1; i < threads; ++i) {
      pool.emplace_back(work);
    }
    work();
    for (std::thread& thread : pool) {
      thread.join();
    }
  }

 private:
  Answer AskOne(const Request& request) {
    const auto start = std::chrono::steady_clock::now();
    Answer answer = description_.dns == DnsWay::kNameserver
                        ? AskOverTheWire(request)
                        : AskWithZone(request);
    answer.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    return answer;
  }

  Answer AskWithZone(const Request& request) {
    const Zone zone = request.zone.value_or(Zone{});
    ZoneKeySource keys(zone);
    return AskReference(request, keys, &cache_);
  }

  Answer AskOverTheWire(const Request& request) {
    auto keys = UnboundKeySource::ForTests(request.nameserver);
    if (!keys) {
      Answer answer;
      answer.detail = keys.error().ToString();
      return answer;
    }
    return AskReference(request, **keys, &cache_);
  }

  Description description_;
  KeyCache cache_;
};

}  // namespace

Description DescribeReference(DnsWay dns) {
  Description who;
  who.name = dns == DnsWay::kNameserver ? "reference-unbound" : "reference";
  who.family = "dkimspec";
  who.version = DKIMSPEC_VERSION;
  who.language = "c++";
  who.ops = {"verify"};
  who.features = {"rsa-sha256", "ed25519-sha256", "eai"};
  who.policies = {"rejects-expired"};
  who.takes_now = true;
  who.dns = dns;
  return who;
}

Answer AskReference(const Request& request, KeySource& keys, KeyCache* cache) {
  VerifierPolicy policy;
  policy.now = request.now;
  Answer answer;
  answer.status = Answer::Status::kSilent;
  for (const Verification& verification :
       Verify(request.message, keys, policy, cache)) {
    answer.status = Answer::Status::kSaid;
    answer.signatures.push_back(ToAnswer(verification));
  }
  return answer;
}

std::unique_ptr<Implementation> MakeReference(DnsWay dns) {
  return std::make_unique<Reference>(dns);
}

}  // namespace dkimspec::runners
