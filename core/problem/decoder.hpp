// The compressed formats of TextStream.
#pragma once

#include "core/problem/text_stream.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace laggard {

// The bytes of an open file, with a look at the first few before they are consumed.
class ByteSource {
 public:
  // Takes over the descriptor.
  explicit ByteSource(int descriptor) : descriptor_(descriptor) {}
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // The first bytes of the file, fewer than six only if the file is shorter. Before any read().
  std::span<const unsigned char> peek();

  // The next bytes, at most bytes.size(); 0 only at the end. Throws StreamFault.
  std::size_t read(std::span<unsigned char> bytes);

 private:
  std::size_t read_descriptor(std::span<unsigned char> bytes);

  int descriptor_;
  std::array<unsigned char, 6> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_used_ = 0;
};

// Chooses by the first bytes. A file that is a mere beginning of a gzip or xz signature counts as
// compressed, so that it is reported as truncated. Throws StreamFault for a format that is not
// read.
std::unique_ptr<Decoder> make_decoder(std::unique_ptr<ByteSource> source);

}  // namespace laggard
