#include "core/problem/text_blocks.hpp"

#include <algorithm>

namespace laggard {

void TextBlocks::fill(TextBlock& block) {
  block.bytes.resize(TextBlock::kBytes + 1);
  char* const text = block.bytes.data();
  std::copy(rest_.begin(), rest_.end(), text);
  block.size = rest_.size();
  rest_.clear();
  try {
    while (block.size < TextBlock::kBytes && !ended_)
      block.size += read({text + block.size, TextBlock::kBytes - block.size});
  } catch (const StreamFault&) {
    // Who reads on comes to it, after the text before.
  }
  block.is_whole = ended_;
  const std::size_t newline = std::string_view(text, block.size).rfind('\n');
  if (!ended_ && !fault_ && newline != std::string_view::npos) {
    rest_.assign(text + newline + 1, text + block.size);
    block.size = newline + 1;
    block.is_whole = true;
  }
  text[block.size] = '\n';
}

std::size_t TextBlocks::read(std::span<char> text) {
  if (fault_) throw *fault_;
  try {
    const std::size_t count = stream_.read(text);
    ended_ = count == 0;
    return count;
  } catch (const StreamFault& fault) {
    fault_ = fault;
    throw;
  }
}

void TextBlocks::verify_rest() {
  if (fault_ && stream_.is_checked()) throw *fault_;
  stream_.verify_rest();
}

}  // namespace laggard
