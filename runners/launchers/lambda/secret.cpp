#include "runners/launchers/lambda/secret.hpp"

#include <openssl/crypto.h>

namespace laggard {

void Secret::wipe() {
  text_.resize(text_.capacity());  // never allocates
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

}  // namespace laggard
