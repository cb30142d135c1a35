#include "core/problem/decoder.hpp"

#include <fmt/format.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace laggard {
namespace {

constexpr std::size_t kInputBytes = std::size_t{1} << 16;
// The largest preset of xz needs 65 MiB; a header that asks for far more is more likely damaged.
constexpr std::uint64_t kXzMemoryLimit = std::uint64_t{1} << 30;

class PlainDecoder : public Decoder {
 public:
  explicit PlainDecoder(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  std::size_t read(std::span<char> text) override {
    return source_->read({reinterpret_cast<unsigned char*>(text.data()), text.size()});
  }
  bool is_checked() const override { return false; }

 private:
  std::unique_ptr<ByteSource> source_;
};

class GzipDecoder : public Decoder {
 public:
  explicit GzipDecoder(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), input_(kInputBytes) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  std::size_t read(std::span<char> text) override {
    stream_.next_out = reinterpret_cast<Bytef*>(text.data());
    stream_.avail_out = static_cast<uInt>(text.size());
    while (stream_.avail_out == text.size()) {
      if (stream_.avail_in == 0) refill();
      if (stream_.avail_in == 0 && between_members_) return 0;
      if (between_members_) start_member();
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        between_members_ = true;
        first_member_ = false;
      } else if (status == Z_BUF_ERROR && stream_.avail_in == 0) {
        throw StreamFault("the gzip data are truncated; expected more");
      } else if (status != Z_OK) {
        fail(status);
      }
    }
    return text.size() - stream_.avail_out;
  }

 private:
  void refill() {
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(source_->read(input_));
  }

  void start_member() {
    if (!first_member_ && stream_.next_in[0] != 0x1f) {
      throw StreamFault("garbage after the end of the gzip data; expected the end of the file");
    }
    inflateReset(&stream_);
    between_members_ = false;
  }

  [[noreturn]] void fail(int status) {
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    throw StreamFault(fmt::format("the gzip data are corrupt ({}); expected an intact file",
                                  stream_.msg ? stream_.msg : "no end of a block"));
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<unsigned char> input_;
  z_stream stream_{};
  bool between_members_ = false;
  bool first_member_ = true;
};

// Streams are taken one by one: as one concatenation, liblzma calls a few bytes of garbage at the
// end a truncated stream.
class XzDecoder : public Decoder {
 public:
  explicit XzDecoder(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), input_(kInputBytes) {
    start_stream();
  }
  ~XzDecoder() override { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  std::size_t read(std::span<char> text) override {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(text.data());
    stream_.avail_out = text.size();
    while (stream_.avail_out == text.size()) {
      if (stream_.avail_in == 0) refill();
      if (between_streams_) {
        if (!skip_padding()) return 0;
        if (*stream_.next_in != 0xfd) {
          throw StreamFault("garbage after the end of the xz data; expected the end of the file");
        }
        start_stream();
      }
      const lzma_ret status = lzma_code(&stream_, LZMA_RUN);
      if (status == LZMA_STREAM_END) {
        between_streams_ = true;
      } else if (status == LZMA_BUF_ERROR && source_ended_) {
        throw StreamFault("the xz data are truncated; expected more");
      } else if (status != LZMA_OK && status != LZMA_BUF_ERROR) {
        fail(status);
      }
    }
    return text.size() - stream_.avail_out;
  }

 private:
  void refill() {
    stream_.next_in = input_.data();
    stream_.avail_in = source_->read(input_);
    source_ended_ = stream_.avail_in == 0;
  }

  void start_stream() {
    if (lzma_stream_decoder(&stream_, kXzMemoryLimit, 0) != LZMA_OK) throw std::bad_alloc();
    between_streams_ = false;
  }

  // Streams may be padded with zeros. False at the end of the file.
  bool skip_padding() {
    for (;;) {
      for (; stream_.avail_in > 0; ++stream_.next_in, --stream_.avail_in) {
        if (*stream_.next_in != 0) return true;
      }
      if (source_ended_) return false;
      refill();
    }
  }

  [[noreturn]] static void fail(lzma_ret status) {
    if (status == LZMA_MEM_ERROR) throw std::bad_alloc();
    if (status == LZMA_MEMLIMIT_ERROR) {
      throw StreamFault("the xz data ask for over 1 GiB of memory; expected a smaller dictionary");
    }
    throw StreamFault(
        fmt::format("the xz data are corrupt (liblzma error {}); expected an intact file",
                    static_cast<int>(status)));
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<unsigned char> input_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool source_ended_ = false;
  bool between_streams_ = false;
};

// What a file begins with that is no text, and what to do about it.
struct Foreign {
  std::string_view signature;
  const char* what;
  const char* remedy;
};
constexpr Foreign kForeign[] = {
    {"BZh", "bzip2 data", "bunzip2 it"},
    {"\x28\xb5\x2f\xfd", "zstd data", "unzstd it"},
    {"PK\x03\x04", "a zip archive", "unzip it"},
    {"7z\xbc\xaf", "a 7z archive", "unpack it"},
    {"\x04\x22\x4d\x18", "lz4 data", "unlz4 it"},
    {"\xef\xbb\xbf", "text after a UTF-8 byte order mark", "tail -c +4 takes the mark off"},
    {"\xff\xfe", "UTF-16 text", "iconv -f UTF-16 -t ASCII makes it plain"},
    {"\xfe\xff", "UTF-16 text", "iconv -f UTF-16 -t ASCII makes it plain"},
};

void refuse_foreign(std::span<const unsigned char> head) {
  const std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Foreign& format : kForeign)
    if (bytes.starts_with(format.signature))
      throw StreamFault(fmt::format("{}; expected svmlight text, plain or as .gz or .xz: {}",
                                    format.what, format.remedy));
}

bool begins_like(std::span<const unsigned char> head, std::span<const unsigned char> signature) {
  const std::size_t common = std::min(head.size(), signature.size());
  return common > 0 && std::equal(head.begin(), head.begin() + common, signature.begin());
}

}  // namespace

ByteSource::~ByteSource() { close(descriptor_); }

std::span<const unsigned char> ByteSource::peek() {
  while (head_size_ < head_.size()) {
    const std::size_t count = read_descriptor(std::span(head_).subspan(head_size_));
    if (count == 0) break;
    head_size_ += count;
  }
  return {head_.data(), head_size_};
}

std::size_t ByteSource::read(std::span<unsigned char> bytes) {
  if (head_used_ == head_size_) return read_descriptor(bytes);
  const std::size_t count = std::min(bytes.size(), head_size_ - head_used_);
  std::copy_n(head_.begin() + head_used_, count, bytes.begin());
  head_used_ += count;
  return count;
}

std::size_t ByteSource::read_descriptor(std::span<unsigned char> bytes) {
  for (;;) {
    const ssize_t count = ::read(descriptor_, bytes.data(), bytes.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) {
      throw StreamFault(
          fmt::format("reading failed ({}); expected a readable file", std::strerror(errno)));
    }
  }
}

std::unique_ptr<Decoder> make_decoder(std::unique_ptr<ByteSource> source) {
  constexpr unsigned char kGzip[] = {0x1f, 0x8b};
  constexpr unsigned char kXz[] = {0xfd, '7', 'z', 'X', 'Z', 0x00};
  const auto head = source->peek();
  if (begins_like(head, kGzip)) return std::make_unique<GzipDecoder>(std::move(source));
  if (begins_like(head, kXz)) return std::make_unique<XzDecoder>(std::move(source));
  refuse_foreign(head);
  return std::make_unique<PlainDecoder>(std::move(source));
}

}  // namespace laggard
