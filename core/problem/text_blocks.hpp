// A text stream in blocks of whole lines, which can be read apart from each other.
#pragma once

#include "core/problem/text_stream.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Begins with a line. A newline stands behind its last character.
struct TextBlock {
  // Large enough to make reads and turns cheap, small enough to stay in the second-level cache
  // while the text is decompressed, hashed and parsed.
  static constexpr std::size_t kBytes = std::size_t{1} << 18;

  std::vector<char> bytes;  // kBytes and one more, or none
  std::size_t size = 0;     // of the text in it
  bool is_whole = true;     // ends as a line does, or as the text: there is no more to be read
};

class TextBlocks {
 public:
  // Opens `file`; throws as TextStream does.
  explicit TextBlocks(const std::filesystem::path& file) : stream_(file) {}

  bool at_end() const { return ended_ && rest_.empty(); }

  // The next lines. Where one is longer than a block, or the file is damaged, the block is not
  // whole: its reader reads on, and gives back what it read and did not use before there is another
  // block. Throws nothing but std::bad_alloc.
  void fill(TextBlock& block);
  // Throws StreamFault.
  std::size_t read(std::span<char> text);
  void give_back(std::string_view rest) { rest_ = rest; }

  // As those of TextStream.
  void verify_rest();
  std::string sha256() { return stream_.sha256(); }

 private:
  TextStream stream_;
  std::string rest_;  // read before, of the next block
  bool ended_ = false;
  std::optional<StreamFault> fault_;  // where the stream ended
};

}  // namespace laggard
