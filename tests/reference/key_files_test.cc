// New keys, the files they go to, and the records printed for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "reference/base/file.h"
#include "reference/base/master_file.h"
#include "reference/base/secret_file.h"
#include "reference/crypto.h"
#include "reference/generate_key.h"

namespace dkimspec {
namespace {

using ::testing::HasSubstr;

class SecretFileTest : public ::testing::Test {
 protected:
  SecretFileTest() {
    std::string path = ::testing::TempDir() + "dkimspec-XXXXXX";
    folder_ = mkdtemp(path.data());
  }
  ~SecretFileTest() override { std::filesystem::remove_all(folder_); }

  std::size_t CountFiles() const {
    const std::filesystem::directory_iterator files(folder_);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

  std::filesystem::path folder_;
};

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  stat(path.c_str(), &status);
  return status.st_mode & 07777;
}

TEST_F(SecretFileTest, OnlyItsOwnerMayReadItWhateverTheUmask) {
  for (const mode_t mask : {0, 022, 0777}) {
    const std::string path = folder_ / std::to_string(mask);
    const mode_t before = umask(mask);
    const auto written = WriteSecretFile(path, "secret", IfExists::kRefuse);
    umask(before);
    ASSERT_TRUE(written) << written.error().ToString();
    EXPECT_EQ(ModeOf(path), 0600u) << mask;
    EXPECT_EQ(*ReadFile(path), "secret");
  }
  EXPECT_EQ(CountFiles(), 3u);
}

TEST_F(SecretFileTest, AFileThatExistsIsReplacedOnlyOnDemand) {
  const std::string path = folder_ / "key.pem";
  ASSERT_TRUE(WriteFileAtomically(path, "old"));
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  const auto refused = WriteSecretFile(path, "new", IfExists::kRefuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().place, path);
  EXPECT_THAT(refused.error().message, HasSubstr("exists already"));
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_TRUE(WriteSecretFile(path, "new", IfExists::kReplace));
  EXPECT_EQ(*ReadFile(path), "new");
  EXPECT_EQ(ModeOf(path), 0600u);
  EXPECT_EQ(CountFiles(), 1u);
}

TEST_F(SecretFileTest, FailureLeavesNothingBehind) {
  const std::string missing = folder_ / "no" / "key.pem";
  const auto failed = WriteSecretFile(missing, "x", IfExists::kRefuse);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("folder does not exist"));
  const std::string taken = folder_ / "taken";
  std::filesystem::create_directory(taken);
  EXPECT_FALSE(WriteSecretFile(taken, "x", IfExists::kReplace));
  EXPECT_FALSE(WriteSecretFile(taken, "x", IfExists::kRefuse));
  EXPECT_EQ(CountFiles(), 1u);
}

TEST(GenerateKey, KeysSignAndTheirPublicHalfVerifies) {
  const auto rsa = PrivateKey::FromPem(GenerateRsaPem(2048).value(), "rsa");
  ASSERT_TRUE(rsa) << rsa.error().ToString();
  EXPECT_EQ(rsa->RsaBits(), 2048);
  const auto rsa_public = PublicKey::FromRsa(rsa->PublicKeyOctets());
  ASSERT_TRUE(rsa_public);
  EXPECT_TRUE(rsa_public->Verifies(Algorithm::kRsaSha256, "x",
                                   *rsa->Sign(Algorithm::kRsaSha256, "x")));

  const auto ed = PrivateKey::FromPem(GenerateEd25519Pem().value(), "ed");
  ASSERT_TRUE(ed) << ed.error().ToString();
  EXPECT_FALSE(ed->IsRsa());
  const auto ed_public = PublicKey::FromEd25519(ed->PublicKeyOctets());
  ASSERT_TRUE(ed_public);
  EXPECT_TRUE(ed_public->Verifies(Algorithm::kEd25519Sha256, "x",
                                  *ed->Sign(Algorithm::kEd25519Sha256, "x")));
}

TEST(GenerateKey, EachKeyIsNew) {
  EXPECT_NE(*GenerateEd25519Pem(), *GenerateEd25519Pem());
}

// RFC 8301 section 3.2.
TEST(GenerateKey, SizesThatVerifiersRefuseAreRefused) {
  for (const int bits : {-1, 0, 512, 1023, 16385}) {
    EXPECT_FALSE(GenerateRsaPem(bits)) << bits;
  }
  const auto least = PrivateKey::FromPem(GenerateRsaPem(1024).value(), "rsa");
  ASSERT_TRUE(least);
  EXPECT_EQ(least->RsaBits(), 1024);
}

TEST(TxtLine, EscapesWhatTheNotationWouldTakeForItself) {
  EXPECT_EQ(TxtLine("s._domainkey.a.example", {"v=DKIM1; p=", "ab"}),
            R"(s._domainkey.a.example. IN TXT "v=DKIM1; p=" "ab")");
  EXPECT_EQ(TxtLine("a", {"\"\\\n\xFF"}), R"(a. IN TXT "\"\\\010\255")");
  EXPECT_EQ(TxtLine("a", {""}), R"(a. IN TXT "")");
}

}  // namespace
}  // namespace dkimspec
