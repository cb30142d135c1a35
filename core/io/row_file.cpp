#include "core/io/row_file.hpp"

#include "core/io/output_file.hpp"

#include <zlib.h>

#include <new>
#include <vector>

namespace laggard {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;

class TextFile : public RowFile {
 public:
  TextFile(const std::filesystem::path& file, const char* what) : file_(file, what) {}

  void append(std::string_view text) override {
    pending_ += text;
    if (pending_.size() >= kBufferBytes) flush();
  }
  void flush() override {
    file_.write(pending_);
    pending_.clear();
  }
  void finish() override {
    flush();
    file_.sync_and_close();
  }

 private:
  OutputFile file_;
  std::string pending_;
};

class GzipFile : public RowFile {
 public:
  GzipFile(const std::filesystem::path& file, const char* what)
      : file_(file, what), out_(kBufferBytes) {
    constexpr int kGzipWindow = 15 + 16;  // zlib's code for a gzip header
    constexpr int kFast = 1;              // rows compress well even so
    if (deflateInit2(&stream_, kFast, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipFile() override { deflateEnd(&stream_); }

  void append(std::string_view text) override {
    pending_ += text;
    if (pending_.size() >= kBufferBytes) deflate_pending(Z_NO_FLUSH);
  }
  void flush() override {
    if (pending_.empty() && is_flushed_) return;
    deflate_pending(Z_SYNC_FLUSH);
    is_flushed_ = true;
  }
  void finish() override {
    deflate_pending(Z_FINISH);
    file_.sync_and_close();
  }

 private:
  void deflate_pending(int mode) {
    stream_.next_in = reinterpret_cast<Bytef*>(pending_.data());
    stream_.avail_in = static_cast<uInt>(pending_.size());
    // zlib is done with a mode once it leaves room in the output.
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      ::deflate(&stream_, mode);
      file_.write({out_.data(), out_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
    pending_.clear();
    is_flushed_ = false;
  }

  OutputFile file_;
  std::string pending_;
  std::vector<char> out_;
  z_stream stream_{};
  bool is_flushed_ = false;
};

}  // namespace

std::unique_ptr<RowFile> open_text_file(const std::filesystem::path& file, const char* what) {
  return std::make_unique<TextFile>(file, what);
}

std::unique_ptr<RowFile> open_gzip_file(const std::filesystem::path& file, const char* what) {
  return std::make_unique<GzipFile>(file, what);
}

}  // namespace laggard
