// What verifying one message costs OpenSSL alone.
#ifndef DKIMSPEC_TESTS_BENCH_OPENSSL_FLOOR_H_
#define DKIMSPEC_TESTS_BENCH_OPENSSL_FLOOR_H_

#include <memory>
#include <string>
#include <string_view>

#include "reference/crypto.h"

namespace dkimspec::bench {

// The two SHA-256 (canonical body, header hash input) and the RSA operation
// that a message of messages.h asks for, over octets prepared beforehand, with
// the digest fetched and the RSA context made beforehand: no verifier that
// uses OpenSSL can need less.
class OpenSslFloor {
 public:
  OpenSslFloor(std::string_view message, const PrivateKey& key);
  ~OpenSslFloor();

  bool Run();  // Whether the signature is right.

  // The same with the RSA operation of the reference, which is faster: what
  // of a verification by the reference nothing but other arithmetic can save.
  bool RunWithOurOperation();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dkimspec::bench

#endif  // DKIMSPEC_TESTS_BENCH_OPENSSL_FLOOR_H_
