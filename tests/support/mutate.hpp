// Bytes that nobody meant, for tests of whatever reads bytes. LAGGARD_SEEDS sets how many seeds are
// run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>

namespace laggard {

inline std::uint64_t seeds(std::uint64_t usual = 2000) {
  const char* text = std::getenv("LAGGARD_SEEDS");
  return text ? std::strtoull(text, nullptr, 10) : usual;
}

// Changes bytes or whole words, cuts, extends, or repeats a piece elsewhere. bytes: Bytes or a
// string.
template <class Sequence>
void mutate(Sequence& bytes, std::mt19937_64& random) {
  using Byte = typename Sequence::value_type;
  constexpr std::uint64_t kWords[] = {
      0, 1, 127, ~0ull, 1ull << 31, 1ull << 63, 0x7ff0000000000000, 0x7fffffff};
  for (auto changes = 1 + random() % 3; changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = random() % bytes.size();
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<Byte>(static_cast<unsigned>(bytes[at]) ^ (1u << random() % 8));
        break;
      case 1:
        bytes[at] = static_cast<Byte>(random());
        break;
      case 2: {
        const std::uint64_t word = kWords[random() % std::size(kWords)];
        const std::size_t width = std::min<std::size_t>(random() % 2 ? 4 : 8, bytes.size() - at);
        std::memcpy(bytes.data() + at, &word, width);
        break;
      }
      case 3:
        bytes.resize(at);
        break;
      case 4:
        bytes.insert(place, static_cast<Byte>(random()));
        break;
      default: {
        const std::size_t from = random() % bytes.size();
        const std::size_t size = 1 + random() % std::min<std::size_t>(40, bytes.size() - from);
        const Sequence piece(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                             bytes.begin() + static_cast<std::ptrdiff_t>(from + size));
        bytes.insert(place, piece.begin(), piece.end());
      }
    }
  }
}

}  // namespace laggard
