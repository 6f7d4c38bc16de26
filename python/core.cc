// dkimspec._core: what python/dkimspec/__init__.py is made of. Zones cross the
// border as JSON text in the one zone notation; octets as bytes; the faults of
// the harness as dkimspec.Error.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <nlohmann/json.hpp>

#include "dnsstub/config.h"
#include "dnsstub/server.h"
#include "fixtures/suite.h"
#include "mutators/mutator.h"
#include "reference/json/strict_reader.h"
#include "reference/json/zone_json.h"
#include "reference/signer.h"
#include "reference/unbound_key_source.h"
#include "reference/verifier.h"

namespace py = pybind11;

namespace dkimspec {
namespace {

// What Python sees as dkimspec.Error.
struct HarnessError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct NothingToDamage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename T>
T OrThrow(Expected<T>&& value) {
  if (!value) {
    throw HarnessError(value.error().ToString());
  }
  return std::move(*value);
}

Zone ReadZone(const std::string& json) {
  const Json parsed = OrThrow(ParseJson(json, "zone"));
  Expected<Zone> zone = ZoneFromJson(parsed, "zone");
  if (!zone) {  // Not OrThrow: g++ 12 warns, wrongly, of a bad delete there.
    throw HarnessError(zone.error().ToString());
  }
  return *std::move(zone);
}

dnsstub::Config ReadConfig(const std::string& json) {
  const Json parsed = OrThrow(ParseJson(json, "config"));
  auto config = dnsstub::ConfigFromJson(parsed, "config");
  if (!config) {
    throw HarnessError(config.error().ToString());
  }
  return *std::move(config);
}

// "relaxed" or "simple/relaxed": RFC 6376 section 3.5, c=.
Canonicalization ReadCanonicalization(std::string_view word) {
  for (const auto known :
       {Canonicalization::kSimple, Canonicalization::kRelaxed}) {
    if (word == ToString(known)) {
      return known;
    }
  }
  throw HarnessError("c: \"" + std::string(word) +
                     "\" is neither \"simple\" nor \"relaxed\"");
}

py::bytes SignMessage(const std::string& message, const std::string& key,
                      const std::string& domain, const std::string& selector,
                      const std::string& c, std::vector<std::string> h,
                      std::optional<std::string> i,
                      std::optional<std::int64_t> t,
                      std::optional<std::int64_t> x) {
  SignerOptions options;
  options.sdid = domain;
  options.selector = selector;
  options.auid = std::move(i);
  options.signed_header_fields = std::move(h);
  options.timestamp = t;
  options.expiration = x;
  const std::size_t slash = c.find('/');
  options.header_canonicalization = ReadCanonicalization(c.substr(0, slash));
  options.body_canonicalization =
      slash == std::string::npos ? Canonicalization::kSimple
                                 : ReadCanonicalization(c.substr(slash + 1));
  const PrivateKey private_key = OrThrow(PrivateKey::FromPem(key, "key"));
  return OrThrow(Sign(message, private_key, options)) + message;
}

std::vector<Verification> VerifyMessage(
    const std::string& message, std::int64_t now,
    const std::optional<std::string>& zone_json,
    const std::optional<std::string>& nameserver, bool accept_rsa_sha1,
    int min_rsa_bits) {
  VerifierPolicy policy;
  policy.now = now;
  policy.accept_rsa_sha1 = accept_rsa_sha1;
  policy.min_rsa_bits = min_rsa_bits;
  if (zone_json) {
    const Zone zone = ReadZone(*zone_json);
    ZoneKeySource keys(zone);
    return Verify(message, keys, policy);
  }
  const auto keys =
      OrThrow(UnboundKeySource::ForTests(nameserver.value_or("")));
  py::gil_scoped_release release;
  return Verify(message, *keys, policy);
}

mutators::ParamValue ToParam(const py::handle& value, const std::string& name) {
  if (py::isinstance<py::bool_>(value)) {
    return value.cast<bool>();
  }
  if (py::isinstance<py::int_>(value)) {
    return value.cast<std::int64_t>();
  }
  if (py::isinstance<py::str>(value) || py::isinstance<py::bytes>(value)) {
    return value.cast<std::string>();
  }
  throw HarnessError(name + ": give an int, a str, bytes or a bool");
}

py::bytes Mutate(const std::string& octets, const std::string& name,
                 std::uint64_t seed, const py::kwargs& arguments) {
  const mutators::Mutator* mutator = mutators::FindMutator(name);
  if (mutator == nullptr) {
    throw HarnessError("there is no mutator \"" + name +
                       "\"; dkimspec.mutators() lists them");
  }
  mutators::Params given;
  for (const auto& [key, value] : arguments) {
    const auto parameter = key.cast<std::string>();
    given[parameter] = ToParam(value, parameter);
  }
  const auto params = OrThrow(mutators::CheckParams(*mutator, given, name));
  mutators::Rng rng(seed);
  auto damage = mutator->apply(ParseMessage(octets), params, rng);
  if (!damage) {
    throw NothingToDamage(name + ": the message offers nothing to damage");
  }
  return damage->message;
}

// A stub server that outlives its records: Python changes them at will.
class DnsStub {
 public:
  // With a configuration, its endpoints and limits count, and `zone_json` adds
  // to its records.
  DnsStub(const std::string& zone_json, std::uint16_t port,
          const std::optional<std::string>& config_json) {
    dnsstub::Config config;
    if (config_json) {
      config = ReadConfig(*config_json);
    }
    config.zone.merge(ReadZone(zone_json));
    config.server.port = port;
    epochs_ = config.epochs;
    const py::gil_scoped_release release;
    server_ = OrThrow(dnsstub::Server::Start(config.server));
    server_->Load(config);
  }

  void SetEpoch(const std::string& epoch) {
    if (std::find(epochs_.begin(), epochs_.end(), epoch) == epochs_.end()) {
      throw HarnessError("there is no epoch \"" + epoch + "\"");
    }
    const py::gil_scoped_release release;
    server().SetEpoch(epoch);
  }

  dnsstub::Server& server() {
    if (server_ == nullptr) {
      throw HarnessError("this DnsStub is closed");
    }
    return *server_;
  }

  void Close() {
    py::gil_scoped_release release;
    server_.reset();
  }

 private:
  std::vector<std::string> epochs_;
  std::unique_ptr<dnsstub::Server> server_;
};

std::map<std::string, std::vector<std::string>> Endpoints(DnsStub& stub) {
  std::map<std::string, std::vector<std::string>> endpoints;
  for (const auto& endpoint : stub.server().endpoints()) {
    for (const std::string& address : endpoint.addresses) {
      const bool ipv6 = address.find(':') != std::string::npos;
      endpoints[endpoint.id].push_back((ipv6 ? "[" + address + "]" : address) +
                                       ":" + std::to_string(endpoint.port));
    }
  }
  return endpoints;
}

bool WaitFor(DnsStub& stub, const std::string& name, std::size_t queries,
             double timeout) {
  const py::gil_scoped_release release;
  return stub.server().WaitFor(
      name, queries,
      std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000)));
}

py::list LogAsDicts(DnsStub& stub) {
  std::vector<dnsstub::LogEntry> entries;
  {
    py::gil_scoped_release release;
    entries = stub.server().Log();
  }
  py::list log;
  for (const auto& entry : entries) {
    py::dict line;
    line["name"] = entry.name;
    line["type"] = entry.type;
    line["tcp"] = entry.tcp;
    line["edns_size"] = entry.edns_size;
    line["sent"] = entry.sent;
    line["network"] = entry.network;
    line["endpoint"] = entry.endpoint;
    line["id"] = entry.id;
    line["port"] = entry.port;
    line["nth"] = entry.nth;
    line["fault"] = entry.fault;
    line["truncated"] = entry.truncated;
    line["at"] = static_cast<double>(entry.at.count()) / 1e6;
    log.append(line);
  }
  return log;
}

std::vector<fixtures::Case> Cases(const std::vector<std::string>& globs,
                                  std::int64_t now, const std::string& salt,
                                  const std::optional<std::string>& folder) {
  const auto suite = OrThrow(
      fixtures::LoadSuite(folder.value_or(fixtures::DefaultSuiteFolder())));
  std::vector<fixtures::Case> chosen;
  for (auto& test : OrThrow(fixtures::Build(suite, now, salt))) {
    const bool wanted =
        globs.empty() ||
        std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
          return fixtures::MatchesGlob(glob, test.id);
        });
    if (wanted && !test.is_control) {
      chosen.push_back(std::move(test));
    }
  }
  return chosen;
}

void DefineVerification(py::module_& module) {
  py::class_<Verification>(module, "Verification")
      .def_property_readonly(
          "result", [](const Verification& v) { return ToString(ResultOf(v)); })
      .def_property_readonly(
          "state", [](const Verification& v) { return ToString(v.state); })
      .def_property_readonly(
          "reason", [](const Verification& v) { return Info(v.reason).id; })
      .def_property_readonly(
          "text", [](const Verification& v) { return Info(v.reason).text; })
      .def_readonly("detail", &Verification::detail)
      .def_property_readonly(
          "sdid", [](const Verification& v) { return v.identity.sdid; })
      .def_property_readonly(
          "selector", [](const Verification& v) { return v.identity.selector; })
      .def_property_readonly(
          "body_hash",
          [](const Verification& v) { return ToString(v.body_hash); })
      .def_property_readonly(
          "header_signature",
          [](const Verification& v) { return ToString(v.header_signature); })
      .def("__repr__", [](const Verification& v) {
        return "<Verification " + std::string(ToString(ResultOf(v))) +
               " d=" + v.identity.sdid + " s=" + v.identity.selector + " " +
               std::string(Info(v.reason).id) + ">";
      });
}

void DefineDnsStub(py::module_& module) {
  py::class_<DnsStub>(module, "DnsStub")
      .def(py::init<const std::string&, std::uint16_t,
                    const std::optional<std::string>&>())
      .def_property_readonly("endpoints", &Endpoints)
      .def("set_epoch", &DnsStub::SetEpoch)
      .def("wait_for", &WaitFor)
      .def_property_readonly("port",
                             [](DnsStub& stub) { return stub.server().port(); })
      .def("set_zone",
           [](DnsStub& stub, const std::string& zone) {
             Zone read = ReadZone(zone);
             py::gil_scoped_release release;
             stub.server().SetZone(std::move(read));
           })
      .def("add_zone",
           [](DnsStub& stub, const std::string& zone) {
             const Zone read = ReadZone(zone);
             py::gil_scoped_release release;
             stub.server().AddZone(read);
           })
      .def("queries",
           [](DnsStub& stub, const std::string& name) {
             py::gil_scoped_release release;
             return stub.server().QueriesFor(name);
           })
      .def_property_readonly(
          "unexpected",
          [](DnsStub& stub) { return stub.server().unexpected(); })
      .def("log", &LogAsDicts)
      .def("reset",
           [](DnsStub& stub) {
             py::gil_scoped_release release;
             stub.server().Reset();
           })
      .def("close", &DnsStub::Close);
}

void DefineCases(py::module_& module) {
  using fixtures::Case;
  using fixtures::Subject;
  py::class_<Subject>(module, "Subject")
      .def_readonly("label", &Subject::label)
      .def_readonly("sdid", &Subject::sdid)
      .def_readonly("selector", &Subject::selector)
      .def_readonly("position", &Subject::position)
      .def_property_readonly(
          "expected", [](const Subject& s) { return ToString(s.expected); })
      .def_property_readonly("tolerated", [](const Subject& s) {
        std::vector<std::string> verdicts;
        for (const auto& tolerance : s.tolerate) {
          if (tolerance.policy.empty()) {
            verdicts.emplace_back(ToString(tolerance.verdict));
          }
        }
        return verdicts;
      });
  py::class_<Case>(module, "Case")
      .def_readonly("id", &Case::id)
      .def_readonly("covers", &Case::covers)
      .def_readonly("why", &Case::why)
      .def_property_readonly("message",
                             [](const Case& c) { return py::bytes(c.message); })
      .def_property_readonly(
          "zone_json", [](const Case& c) { return ZoneToJson(c.zone).dump(); })
      .def_readonly("now", &Case::now)
      .def_readonly("features", &Case::features)
      .def_readonly("needs_sockets", &Case::needs_sockets)
      .def_readonly("slow", &Case::slow)
      .def_readonly("raw_octets", &Case::raw_octets)
      .def_readonly("subjects", &Case::subjects)
      .def("__repr__", [](const Case& c) { return "<Case " + c.id + ">"; });
}

std::vector<std::map<std::string, std::string>> Mutators() {
  std::vector<std::map<std::string, std::string>> rows;
  for (const auto& mutator : mutators::AllMutators()) {
    rows.push_back({{"name", std::string(mutator.name)},
                    {"summary", std::string(mutator.summary)},
                    {"seen_in", std::string(mutator.seen_in)}});
  }
  return rows;
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled part of dkimspec; import dkimspec instead.";
  py::register_exception<HarnessError>(module, "Error", PyExc_ValueError);
  py::register_exception<NothingToDamage>(module, "NothingToDamage",
                                          PyExc_ValueError);
  DefineVerification(module);
  DefineDnsStub(module);
  DefineCases(module);
  module.def("sign", &SignMessage);
  module.def("verify", &VerifyMessage);
  module.def("key_record", [](const std::string& key) {
    return KeyRecordFor(OrThrow(PrivateKey::FromPem(key, "key")));
  });
  module.def("mutate", &Mutate);
  module.def("mutators", &Mutators);
  module.def("cases", &Cases);
  module.def("suite_folder", &fixtures::DefaultSuiteFolder);
}

}  // namespace dkimspec
