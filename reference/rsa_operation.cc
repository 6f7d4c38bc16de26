#include "reference/rsa_operation.h"

namespace dkimspec {
namespace {

// Room for the numbers in between; kept, because to make it anew takes longer
// than a multiplication.
BN_CTX* Scratch() {
  thread_local const BignumContextPtr context(BN_CTX_new());
  return context.get();
}

// Numbers taken from a context are given back together.
class Frame {
 public:
  explicit Frame(BN_CTX* context) : context_(context) {
    BN_CTX_start(context_);
  }
  ~Frame() { BN_CTX_end(context_); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  BIGNUM* Number() { return BN_CTX_get(context_); }

 private:
  BN_CTX* context_;
};

BIGNUM* ToBignum(std::string_view number, BIGNUM* result = nullptr) {
  return BN_bin2bn(Octets(number), static_cast<int>(number.size()), result);
}

}  // namespace

std::optional<RsaOperation> RsaOperation::With(const RsaNumbers& numbers) {
  RsaOperation operation;
  operation.size_ = numbers.modulus.size();
  operation.modulus_.reset(ToBignum(numbers.modulus));
  operation.exponent_.reset(ToBignum(numbers.exponent));
  operation.montgomery_.reset(BN_MONT_CTX_new());
  const bool ready = BN_MONT_CTX_set(operation.montgomery_.get(),
                                     operation.modulus_.get(), Scratch()) == 1;
  return ready ? std::optional(std::move(operation)) : std::nullopt;
}

std::optional<std::string> RsaOperation::Open(
    std::string_view signature) const {
  BN_CTX* const context = Scratch();
  Frame frame(context);
  BIGNUM* const power = frame.Number();
  std::string block(size_, '\0');
  if (power == nullptr || !Raise(power, signature, context) ||
      BN_bn2binpad(power, reinterpret_cast<unsigned char*>(block.data()),
                   static_cast<int>(size_)) < 0) {
    return std::nullopt;
  }
  return block;
}

bool RsaOperation::OpensTo(std::string_view signature,
                           std::string_view block) const {
  BN_CTX* const context = Scratch();
  Frame frame(context);
  BIGNUM* const wanted = frame.Number();
  BIGNUM* const power = frame.Number();
  return power != nullptr && block.size() == size_ &&
         ToBignum(block, wanted) != nullptr &&
         Raise(power, signature, context) && BN_ucmp(power, wanted) == 0;
}

// RSAVP1, RFC 8017 section 5.2.2: false if the signature is not in its range.
//
// From the exponent's highest bit to its lowest, in Montgomery's form (number
// times R, and each multiplication takes one R away). The lowest bit is set, as
// the exponent is odd: to multiply by the plain base there leaves the form. For
// 65537 these are eighteen multiplications.
bool RsaOperation::Raise(BIGNUM* power, std::string_view signature,
                         BN_CTX* context) const {
  BN_MONT_CTX* const montgomery = montgomery_.get();
  Frame frame(context);
  BIGNUM* const base = frame.Number();
  BIGNUM* const formed = frame.Number();
  if (formed == nullptr || signature.size() != size_ ||
      ToBignum(signature, base) == nullptr ||
      BN_ucmp(base, modulus_.get()) >= 0 ||
      BN_to_montgomery(formed, base, montgomery, context) != 1 ||
      BN_copy(power, formed) == nullptr) {
    return false;
  }
  for (int bit = BN_num_bits(exponent_.get()) - 2; bit >= 0; --bit) {
    if (BN_mod_mul_montgomery(power, power, power, montgomery, context) != 1) {
      return false;
    }
    if (BN_is_bit_set(exponent_.get(), bit) == 1 &&
        BN_mod_mul_montgomery(power, power, bit == 0 ? base : formed,
                              montgomery, context) != 1) {
      return false;
    }
  }
  return true;
}

}  // namespace dkimspec
