// Part of what an http or https URL names.
#pragma once

#include "core/wire/messages.hpp"

#include <atomic>
#include <string>

namespace laggard {

struct HttpRange {
  std::string
      url;  // http[s]://HOST[:PORT]/PATH; what follows a '?' may be a secret and is never shown
  std::string address;  // numeric address of HOST; may be empty where HOST is one
  std::int64_t offset = 0;
  std::int64_t bytes = 0;  // > 0
  std::string ca_file;     // PEM; whom https is believed
};

// Asks for just these bytes. Redirects are not followed. Throws Error naming the URL: no answer for
// 30 s, another status than 206 (or 200 with all of it), another size, a certificate that is not
// HOST's. Returns early, with an Error, once `stop` is set.
Bytes fetch(const HttpRange& range, const std::atomic<bool>& stop);

}  // namespace laggard
