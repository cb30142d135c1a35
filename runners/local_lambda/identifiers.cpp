#include "runners/local_lambda/identifiers.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <chrono>
#include <vector>

namespace laggard::local {

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (RAND_bytes(random.data(), static_cast<int>(bytes)) != 1) {
    throw Error("the system gives no random bytes");
  }
  std::string text;
  for (const unsigned char byte : random) text += fmt::format("{:02x}", byte);
  return text;
}

std::string make_uuid() {
  std::string hex = random_hex(16);
  hex[12] = '4';
  hex[16] = "89ab"[hex[16] % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::string make_trace_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0", seconds, random_hex(12),
                     random_hex(8));
}

}  // namespace laggard::local
