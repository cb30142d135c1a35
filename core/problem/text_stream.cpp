#include "core/problem/text_stream.hpp"

#include "core/io/error.hpp"
#include "core/problem/decoder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace laggard {
namespace {

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(fmt::format("{}: cannot be opened ({}); expected a data file in svmlight format",
                            file.string(), std::strerror(errno)));
  }
  auto source = std::make_unique<ByteSource>(descriptor);
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    throw Error(
        fmt::format("{}: is a directory; expected a data file in svmlight format", file.string()));
  }
  return source;
}

}  // namespace

struct TextStream::Hash {
  Hash() : context(EVP_MD_CTX_new()) {
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
      EVP_MD_CTX_free(context);
      throw Error("OpenSSL offers no SHA-256; expected a complete libcrypto");
    }
  }
  ~Hash() { EVP_MD_CTX_free(context); }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  EVP_MD_CTX* context;
};

TextStream::TextStream(const std::filesystem::path& file) : hash_(std::make_unique<Hash>()) {
  auto source = open_bytes(file);
  try {
    decoder_ = make_decoder(std::move(source));
  } catch (const StreamFault& fault) {
    throw Error(fmt::format("{}: {}", file.string(), fault.what()));
  }
}

TextStream::~TextStream() = default;

std::size_t TextStream::read(std::span<char> text) {
  const std::size_t count = decoder_->read(text);
  EVP_DigestUpdate(hash_->context, text.data(), count);
  return count;
}

void TextStream::verify_rest() {
  if (!decoder_->is_checked()) return;
  std::vector<char> text(std::size_t{1} << 16);
  while (decoder_->read(text) > 0) continue;
}

std::string TextStream::sha256() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(hash_->context, digest.data(), &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string whole_text(const std::filesystem::path& file) {
  std::string text;
  std::vector<char> piece(1 << 16);
  TextStream stream(file);
  while (const std::size_t size = stream.read(piece)) text.append(piece.data(), size);
  return text;
}

}  // namespace laggard
