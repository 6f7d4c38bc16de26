#include "reference/unbound_key_source.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

#include "reference/base/file.h"

namespace dkimspec {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTypeTxt = 16;
constexpr int kClassIn = 1;
constexpr int kServFail = 2;
constexpr int kNxDomain = 3;

// libunbound sets up process globals when a context is made and first used.
std::mutex& SetupMutex() {
  static std::mutex mutex;
  return mutex;
}

struct DeleteContext {
  void operator()(ub_ctx* context) const {
    std::lock_guard<std::mutex> lock(SetupMutex());
    ub_ctx_delete(context);
  }
};
using Context = std::unique_ptr<ub_ctx, DeleteContext>;
using Setting = UnboundKeySource::Setting;

struct FreeResult {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using Result = std::unique_ptr<ub_result, FreeResult>;

struct Option {
  const char* name;
  const char* value;
};

// A lost query costs 100, 200 and 400 ms, a silent TCP server 300 ms; one
// failure is asked about once more. Records keep the order they were sent in.
constexpr Option kBounded[] = {
    {"unknown-server-time-limit:", "100"}, {"outbound-msg-retry:", "2"},
    {"tcp-auth-query-timeout:", "300"},    {"outgoing-range:", "1024"},
    {"rrset-roundrobin:", "no"},
};

// All that the field asks for: records keep the order they were sent in.
constexpr Option kField[] = {{"rrset-roundrobin:", "no"}};

Expected<void> SetOptions(ub_ctx* context, std::span<const Option> options) {
  for (const Option& option : options) {
    const int error = ub_ctx_set_option(context, option.name, option.value);
    if (error != 0) {
      return Fail("libunbound",
                  fmt::format("refuses \"{} {}\": {}; version 1.17 or newer is "
                              "needed",
                              option.name, option.value, ub_strerror(error)));
    }
  }
  return {};
}

// Forwards everything, so that root hints are never looked at.
Expected<void> SetForwards(ub_ctx* context,
                           const std::vector<std::string>& forwards) {
  for (const std::string& forward : forwards) {
    const int error = ub_ctx_set_fwd(context, forward.c_str());
    if (error != 0) {
      return Fail(forward, fmt::format("libunbound cannot ask there: {}",
                                       ub_strerror(error)));
    }
  }
  return {};
}

// The addresses of resolv.conf(5), each after the word "nameserver". Read here
// because libunbound's own reader drops a port.
Expected<std::vector<std::string>> ReadResolvConf(const std::string& path) {
  const Expected<std::string> text = ReadFile(path);
  if (!text) {
    return tl::unexpected(text.error());
  }
  std::vector<std::string> addresses;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::string address;
    if (words >> word >> address && word == "nameserver") {
      addresses.push_back(address);
    }
  }
  if (addresses.empty()) {
    addresses.emplace_back("127.0.0.1");
  }
  return addresses;
}

Expected<void> SetTrustAnchors(ub_ctx* context,
                               const std::vector<std::string>& anchors) {
  for (const std::string& anchor : anchors) {
    if (const int error = ub_ctx_add_ta(context, anchor.c_str()); error != 0) {
      return Fail(anchor, fmt::format("libunbound cannot trust that: {}",
                                      ub_strerror(error)));
    }
  }
  return {};
}

Expected<Context> MakeContext(const Setting& setting) {
  std::lock_guard<std::mutex> lock(SetupMutex());
  // Not yet a Context: its deleter would take the lock again.
  std::unique_ptr<ub_ctx, decltype(&ub_ctx_delete)> context(ub_ctx_create(),
                                                            &ub_ctx_delete);
  if (!context) {
    return Fail("libunbound", "gives no context; is memory short?");
  }
  ub_ctx_debugout(context.get(), nullptr);
  const std::span<const Option> options =
      setting.is_field ? std::span<const Option>(kField) : kBounded;
  if (auto done = SetOptions(context.get(), options); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = SetForwards(context.get(), setting.forwards); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = SetTrustAnchors(context.get(), setting.trust_anchors);
      !done) {
    return tl::unexpected(done.error());
  }
  // A thread; 0 would fork.
  if (const int error = ub_ctx_async(context.get(), 1); error != 0) {
    return Fail("libunbound",
                fmt::format("gives no thread: {}", ub_strerror(error)));
  }
  return Context(context.release());
}

// "127.0.0.1:53" or "[::1]:53" as "127.0.0.1@53", "::1@53".
std::optional<std::string> ForwardAddress(std::string_view nameserver) {
  std::size_t colon = nameserver.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string host(nameserver.substr(0, colon));
  std::string_view port = nameserver.substr(colon + 1);
  int number = 0;
  auto [end, error] =
      std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number < 1 ||
      number > 65535) {
    return std::nullopt;
  }
  int family = AF_INET;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    family = AF_INET6;
    host = host.substr(1, host.size() - 2);
  }
  unsigned char address[16];
  if (inet_pton(family, host.c_str(), address) != 1) {
    return std::nullopt;
  }
  return fmt::format("{}@{}", host, number);
}

// The strings of one TXT RDATA, joined; nullopt if they leave it or if there
// is none. libunbound hands RDATA on unchecked.
std::optional<std::string> JoinRdata(std::string_view rdata) {
  if (rdata.empty()) {
    return std::nullopt;
  }
  std::string text;
  while (!rdata.empty()) {
    std::size_t length = static_cast<unsigned char>(rdata[0]);
    rdata.remove_prefix(1);
    if (length > rdata.size()) {
      return std::nullopt;
    }
    text += rdata.substr(0, length);
    rdata.remove_prefix(length);
  }
  return text;
}

KeyAnswer Temporary(std::string detail) {
  return {KeyAnswer::Status::kTemporary, {}, std::move(detail)};
}

KeyAnswer NoRecord(std::string detail) {
  return {KeyAnswer::Status::kNoRecord, {}, std::move(detail)};
}

KeyAnswer Records(const ub_result& result) {
  KeyAnswer answer;
  answer.status = KeyAnswer::Status::kFound;
  answer.authenticated = result.secure != 0;
  for (int i = 0; result.data[i] != nullptr; ++i) {
    std::optional<std::string> text = JoinRdata(std::string_view(
        result.data[i], static_cast<std::size_t>(result.len[i])));
    if (!text) {
      return Temporary("malformed TXT record");
    }
    answer.records.push_back(std::move(*text));
  }
  return answer;
}

// NSCOUNT of the answer as libunbound gives it (RFC 1035 section 4.1.1).
bool HasAuthority(const ub_result& result) {
  const auto* packet = static_cast<const unsigned char*>(result.answer_packet);
  return packet != nullptr && result.answer_len >= 12 &&
         (packet[8] != 0 || packet[9] != 0);
}

// The order matters: a bogus answer has data and RCODE 0, and NXDOMAIN may
// come with data.
KeyAnswer Interpret(const ub_result& result) {
  if (result.bogus) {
    return Temporary("bogus");
  }
  if (result.rcode == kNxDomain || result.nxdomain) {
    return NoRecord("NXDOMAIN");
  }
  if (result.rcode != 0) {
    return Temporary(result.rcode == kServFail
                         ? "SERVFAIL"
                         : fmt::format("RCODE {}", result.rcode));
  }
  if (!result.havedata) {
    return NoRecord(HasAuthority(result) ? "NODATA"
                                         : "an empty answer without SOA");
  }
  return Records(result);
}

// libunbound reads master-file escapes; a backslash in a name is an octet.
std::string Escape(std::string_view name) {
  std::string escaped;
  for (char c : name) {
    if (c == '\\') {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

struct Pending {
  bool done = false;
  int error = 0;
  Result result;
};

// Called by ub_process, in our thread. With an error there is no result.
void OnResult(void* data, int error, ub_result* result) {
  Pending& pending = *static_cast<Pending*>(data);
  pending.done = true;
  pending.error = error;
  pending.result.reset(result);
}

// Until the answer is there or the deadline has passed.
void Await(ub_ctx* context, Clock::time_point deadline, Pending& pending) {
  while (!pending.done) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return;
    }
    pollfd wait{ub_fd(context), POLLIN, 0};
    constexpr std::chrono::milliseconds kAtMost{60000};
    if (poll(&wait, 1, static_cast<int>(std::min(left, kAtMost).count())) < 0 &&
        errno != EINTR) {
      return;
    }
    int error = ub_process(context);  // Calls OnResult.
    if (error != 0) {
      pending.error = error;
      return;
    }
  }
}

}  // namespace

UnboundKeySource::UnboundKeySource(Setting setting,
                                   std::chrono::milliseconds deadline)
    : setting_(std::move(setting)), deadline_(deadline) {}

Expected<std::unique_ptr<UnboundKeySource>> UnboundKeySource::ForTests(
    const std::string& nameserver, std::chrono::milliseconds deadline,
    std::vector<std::string> trust_anchors) {
  std::optional<std::string> forward = ForwardAddress(nameserver);
  if (!forward) {
    return Fail(nameserver,
                "is not an address and port; write \"127.0.0.1:5353\" or "
                "\"[::1]:5353\"");
  }
  return Make({{std::move(*forward)}, std::move(trust_anchors), false},
              deadline);
}

Expected<std::unique_ptr<UnboundKeySource>> UnboundKeySource::ForField(
    std::chrono::milliseconds deadline, const std::string& resolv_conf) {
  auto forwards = ReadResolvConf(resolv_conf);
  if (!forwards) {
    return tl::unexpected(forwards.error());
  }
  return Make({*std::move(forwards), {}, true}, deadline);
}

// A first context shows whether libunbound takes the setting.
Expected<std::unique_ptr<UnboundKeySource>> UnboundKeySource::Make(
    Setting setting, std::chrono::milliseconds deadline) {
  Expected<Context> trial = MakeContext(setting);
  if (!trial) {
    return tl::unexpected(trial.error());
  }
  return std::unique_ptr<UnboundKeySource>(
      new UnboundKeySource(std::move(setting), deadline));
}

KeyAnswer UnboundKeySource::Lookup(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) {
    return NoRecord("not a domain name");
  }
  Clock::time_point deadline = Clock::now() + deadline_;
  Expected<Context> context = MakeContext(setting_);
  if (!context) {
    return Temporary(context.error().ToString());
  }
  Pending pending;
  int id = 0;
  int error = 0;
  {
    std::lock_guard<std::mutex> lock(SetupMutex());
    error = ub_resolve_async(context->get(), Escape(name).c_str(), kTypeTxt,
                             kClassIn, &pending, OnResult, &id);
  }
  if (error == 0) {
    Await(context->get(), deadline, pending);
    error = pending.error;
  }
  if (error == UB_SYNTAX) {
    return NoRecord("not a domain name");
  }
  if (error != 0) {
    return Temporary(fmt::format("libunbound: {}", ub_strerror(error)));
  }
  if (!pending.done) {
    ub_cancel(context->get(), id);
    return Temporary("timeout");
  }
  return Interpret(*pending.result);
}

}  // namespace dkimspec
