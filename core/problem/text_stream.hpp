// The uncompressed text of a file, piece by piece, hashed on the way.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace laggard {

// What is wrong with the bytes of a stream; whoever reads it knows where in the text that is.
struct StreamFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Turns the bytes of a file into text. One of three, told by the first bytes of the file.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Fills at most text.size() bytes; returns how many, 0 only at the end. Throws StreamFault.
  virtual std::size_t read(std::span<char> text) = 0;

  // Whether the format has checksums, which tell damage apart from text that is wrong by itself.
  virtual bool is_checked() const { return true; }
};

// The whole text of a plain, gzip or xz file. Throws as TextStream does.
std::string whole_text(const std::filesystem::path& file);

// Reads a plain, gzip or xz file (several members one after the other too) with constant memory.
class TextStream {
 public:
  // Throws Error if `file` cannot be opened or is a directory.
  explicit TextStream(const std::filesystem::path& file);
  ~TextStream();
  TextStream(const TextStream&) = delete;
  TextStream& operator=(const TextStream&) = delete;

  // The next bytes of text, at most text.size(); how many there are, 0 only at the end. Throws
  // StreamFault if the file cannot be read, is truncated or corrupt.
  std::size_t read(std::span<char> text);

  // Reads the rest if the format has checksums: throws StreamFault if the file is damaged.
  void verify_rest();
  bool is_checked() const { return decoder_->is_checked(); }

  // SHA-256 of all text read so far, hexadecimal. To be called once, after the end.
  std::string sha256();

 private:
  struct Hash;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Hash> hash_;
};

}  // namespace laggard
