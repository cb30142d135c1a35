// Archives in the zip format.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace laggard {

// Writes an archive from its beginning to its end, a member after the other, each deflated. The
// same contents give the same bytes: no times, no owners. Throws Error, beginning with `what`,
// where a member or all of them become larger than the format's 4 GiB.
class ZipWriter {
 public:
  // `sink` is handed the bytes of the archive in their order.
  ZipWriter(std::function<void(std::string_view)> sink, std::string what);
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // `mode`: of Unix, with the kind of file. `level`: of zlib, 1 to 9.
  void begin(std::string name, std::uint32_t mode = 0100644, int level = 6);
  void write(std::string_view content);  // of the member that was begun
  void end();
  // The directory of all members. Nothing may follow.
  void finish();

 private:
  struct Member;
  void emit(std::string_view bytes);

  std::function<void(std::string_view)> sink_;
  std::string what_;
  std::unique_ptr<Member> member_;
  std::string directory_;
  std::uint64_t position_ = 0;
  std::uint64_t members_ = 0;
};

}  // namespace laggard
