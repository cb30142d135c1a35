// How a worker proves that it holds its token without sending it.
#pragma once

#include "core/wire/messages.hpp"

#include <array>
#include <string>
#include <string_view>

namespace laggard {

// A secret for one HELLO of one (worker, incarnation). Never in a log, a result or an argument
// list.
using Token = std::array<std::byte, 32>;

// From the system's generator.
Token random_token();
RunId random_run_id();
Nonce random_nonce();

std::string to_hex(ByteSpan bytes);
// Throws WireError unless `text` is hexadecimal and of just this many bytes.
void from_hex(std::string_view text, std::span<std::byte> out);

std::string sha256_hex(ByteSpan bytes);

inline constexpr std::size_t kChannelBytes = 32;  // of a TLS exporter value

// HMAC-SHA256 under the token of: channel (the TLS exporter value of this very connection; empty on
// plain TCP), run, worker, incarnation, nonce, each of fixed size. A HELLO replayed on another
// connection so proves nothing.
Proof make_proof(const Token& token, ByteSpan channel, const RunId& run, WorkerId worker,
                 int incarnation, const Nonce& nonce);

// In constant time.
bool equal(const Proof& a, const Proof& b);

// Overwrites a secret so that no core file holds it.
void wipe(std::span<std::byte> secret);

// From now on this process leaves no core file and cannot be looked into by other processes of the
// user. For good: memory that held a secret once, within a library too, may hold it until the end.
void forbid_core_dumps();

}  // namespace laggard
