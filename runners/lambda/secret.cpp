#include "runners/lambda/secret.hpp"

#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace laggard {

void Secret::wipe() {
  text_.resize(text_.capacity());  // never allocates
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

void forbid_core_dumps() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    ::setrlimit(RLIMIT_CORE, &limit);
  }
  // A core handler behind a pipe does not heed the limit.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace laggard
