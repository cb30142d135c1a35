#include "core/io/zip.hpp"

#include "core/io/error.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace laggard {
namespace {

constexpr std::uint32_t kDate = (20 << 9) | (1 << 5) | 1;  // 2000-01-01, at 00:00
constexpr std::uint32_t kUnix20 = 3 << 8 | 20;  // made by Unix, version 2.0 of the format
constexpr std::uint32_t kDeflate = 8;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMostMembers = std::numeric_limits<std::uint16_t>::max();

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

}  // namespace

// One member while it grows, packed.
struct ZipWriter::Member {
  Member(std::string name_of, std::uint32_t mode_of, int level)
      : name(std::move(name_of)), mode(mode_of) {
    // Raw deflate, without zlib's own header.
    if (deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
      throw Error(name + ": too little memory to pack it");
  }
  ~Member() { deflateEnd(&stream); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  void pack(std::string_view content, int flush) {
    const auto* const bytes = reinterpret_cast<const Bytef*>(content.data());
    if (!content.empty()) crc = crc32_z(crc, bytes, content.size());  // of no address: 0
    size += content.size();
    std::size_t left = content.size();
    do {
      const std::size_t piece = std::min(left, std::size_t{1} << 30);
      stream.next_in = const_cast<Bytef*>(bytes + (content.size() - left));
      stream.avail_in = static_cast<uInt>(piece);
      left -= piece;
      const bool is_last = left == 0;
      std::array<char, 1 << 16> out;
      do {
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = out.size();
        deflate(&stream, is_last ? flush : Z_NO_FLUSH);
        packed.append(out.data(), out.size() - stream.avail_out);
      } while (stream.avail_out == 0);
    } while (left > 0);
  }

  // What the local header and the directory's entry have in common.
  std::string description() const {
    std::string out;
    put(out, 20, 2);  // needs version 2.0
    put(out, 0, 2);
    put(out, kDeflate, 2);
    put(out, 0, 2);  // time
    put(out, kDate, 2);
    put(out, crc, 4);
    put(out, packed.size(), 4);
    put(out, size, 4);
    put(out, name.size(), 2);
    put(out, 0, 2);  // no extra fields
    return out;
  }

  std::string name;
  std::uint32_t mode;
  z_stream stream{};
  std::string packed;
  uLong crc = 0;
  std::uint64_t size = 0;
};

ZipWriter::ZipWriter(std::function<void(std::string_view)> sink, std::string what)
    : sink_(std::move(sink)), what_(std::move(what)) {}
ZipWriter::~ZipWriter() = default;

void ZipWriter::emit(std::string_view bytes) {
  sink_(bytes);
  position_ += bytes.size();
}

void ZipWriter::begin(std::string name, std::uint32_t mode, int level) {
  member_ = std::make_unique<Member>(std::move(name), mode, level);
}

void ZipWriter::write(std::string_view content) { member_->pack(content, Z_NO_FLUSH); }

void ZipWriter::end() {
  Member& member = *member_;
  member.pack({}, Z_FINISH);
  if (std::max({member.size, std::uint64_t{member.packed.size()}, position_}) > kMost ||
      ++members_ > kMostMembers)
    throw Error(what_ + ": " + member.name + ": more than a zip holds: 4 GiB, 65535 members");
  const std::string about = member.description();
  put(directory_, 0x02014b50, 4);
  put(directory_, kUnix20, 2);
  directory_ += about;
  put(directory_, 0, 2 + 2 + 2);  // no comment, disk 0, binary
  put(directory_, std::uint64_t{member.mode} << 16, 4);
  put(directory_, position_, 4);
  directory_ += member.name;

  std::string header;
  put(header, 0x04034b50, 4);
  emit(header + about + member.name);
  emit(member.packed);
  member_.reset();
}

void ZipWriter::finish() {
  if (position_ > kMost) throw Error(what_ + ": more than a zip holds: 4 GiB");
  std::string out;
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, members_, 2);
  put(out, members_, 2);
  put(out, directory_.size(), 4);
  put(out, position_, 4);
  put(out, 0, 2);
  emit(directory_);
  emit(out);
}

}  // namespace laggard
