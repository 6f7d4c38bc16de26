#include "tests/reference/lint/support.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "reference/base/base64.h"
#include "reference/base/file.h"

namespace dkimspec::lint {

PrivateKey TestKey(const std::string& name) {
  const std::string path = DKIMSPEC_TEST_KEYS "/" + name + ".pem";
  const auto pem = ReadFile(path);
  auto key = pem ? PrivateKey::FromPem(*pem, path)
                 : Expected<PrivateKey>(tl::unexpected(pem.error()));
  if (!key) {
    std::cerr << key.error().ToString() << "\n";
    std::abort();
  }
  return *key;
}

std::string PublicKeyText(const std::string& name) {
  return Base64Encode(TestKey(name).PublicKeyOctets());
}

std::string Ids(const std::vector<Remark>& remarks) {
  std::string ids;
  for (const Remark& remark : remarks) {
    ids += ids.empty() ? "" : " ";
    ids += Info(remark.rule).id;
    ids += remark.tag.empty() ? "" : "@" + remark.tag;
  }
  return ids;
}

bool HasError(const std::vector<Remark>& remarks) {
  return std::any_of(remarks.begin(), remarks.end(), [](const Remark& r) {
    return Info(r.rule).severity == Severity::kError;
  });
}

const Remark* Find(const std::vector<Remark>& remarks, Rule rule) {
  const auto found =
      std::find_if(remarks.begin(), remarks.end(),
                   [&](const Remark& r) { return r.rule == rule; });
  return found == remarks.end() ? nullptr : &*found;
}

}  // namespace dkimspec::lint
