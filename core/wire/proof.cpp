#include "core/wire/proof.hpp"

#include "core/io/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>

namespace laggard {
namespace {

template <class T>
T random_bytes() {
  T out{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) != 1)
    throw Error("the system's random generator does not answer");
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  throw WireError("a character that is not hexadecimal");
}

}  // namespace

Token random_token() { return random_bytes<Token>(); }
RunId random_run_id() { return random_bytes<RunId>(); }
Nonce random_nonce() { return random_bytes<Nonce>(); }

std::string to_hex(ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    out.push_back(kDigits[std::to_integer<unsigned>(b) >> 4]);
    out.push_back(kDigits[std::to_integer<unsigned>(b) & 15]);
  }
  return out;
}

void from_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != 2 * out.size()) throw WireError("a hexadecimal value of the wrong length");
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::byte>(16 * digit(text[2 * i]) + digit(text[2 * i + 1]));
}

std::string sha256_hex(ByteSpan bytes) {
  std::array<std::byte, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, EVP_sha256(), nullptr) != 1)
    throw Error("OpenSSL cannot compute a SHA-256");
  return to_hex(digest);
}

Proof make_proof(const Token& token, ByteSpan channel, const RunId& run, WorkerId worker,
                 int incarnation, const Nonce& nonce) {
  LAGGARD_ASSERT(channel.empty() || channel.size() == kChannelBytes, "a channel value of odd size");
  std::array<std::byte, kChannelBytes + sizeof(RunId) + 2 * sizeof(std::int32_t) + sizeof(Nonce)>
      text;
  std::size_t size = 0;
  const auto add = [&](const void* data, std::size_t bytes) {
    if (bytes > 0) std::memcpy(text.data() + size, data, bytes);
    size += bytes;
  };
  add(channel.data(), channel.size());
  add(run.data(), run.size());
  add(&worker, sizeof worker);
  add(&incarnation, sizeof incarnation);
  add(nonce.data(), nonce.size());
  Proof proof{};
  unsigned length = 0;
  const auto* done = HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), size,
                          reinterpret_cast<unsigned char*>(proof.data()), &length);
  LAGGARD_ASSERT(done && length == proof.size(), "HMAC-SHA256 fails");
  return proof;
}

bool equal(const Proof& a, const Proof& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::byte> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // A core handler behind a pipe does not heed the limit.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // the leak sanitizer has to look
#endif
}

}  // namespace laggard
