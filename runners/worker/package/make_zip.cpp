// make_zip PROGRAM ZIP: a zip of one executable, `bootstrap`, as Lambda takes it. The same program
// gives the same bytes: no times, no owners.
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

constexpr std::string_view kName = "bootstrap";
constexpr std::uint32_t kMode = 0100755;                   // a regular file, rwxr-xr-x
constexpr std::uint32_t kDate = (20 << 9) | (1 << 5) | 1;  // 2000-01-01, at 00:00
constexpr std::uint32_t kUnix20 = 3 << 8 | 20;  // made by Unix, version 2.0 of the format
constexpr std::uint32_t kDeflate = 8;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

// Raw deflate, without zlib's own header.
std::string deflated(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  out.resize(ended == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

// What the local header and the directory's entry have in common.
std::string description(const std::string& content, std::size_t packed) {
  const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
  std::string out;
  put(out, 20, 2);  // needs version 2.0
  put(out, 0, 2);
  put(out, kDeflate, 2);
  put(out, 0, 2);  // time
  put(out, kDate, 2);
  put(out, crc32(0, bytes, static_cast<uInt>(content.size())), 4);
  put(out, packed, 4);
  put(out, content.size(), 4);
  put(out, kName.size(), 2);
  put(out, 0, 2);  // no extra fields
  return out;
}

std::string zip(const std::string& content) {
  const std::string packed = deflated(content);
  if (packed.empty()) return {};
  const std::string about = description(content, packed.size());
  std::string out;
  put(out, 0x04034b50, 4);
  out.append(about).append(kName).append(packed);
  const std::size_t directory = out.size();
  put(out, 0x02014b50, 4);
  put(out, kUnix20, 2);
  out.append(about);
  put(out, 0, 2 + 2 + 2);  // no comment, disk 0, binary
  put(out, kMode << 16, 4);
  put(out, 0, 4);  // where the local header is
  out.append(kName);
  const std::size_t end = out.size();
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, 1, 2);
  put(out, 1, 2);
  put(out, end - directory, 4);
  put(out, directory, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "make_zip: expected PROGRAM ZIP\n";
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  const std::string packed = content.empty() ? std::string() : zip(content);
  std::ofstream out(argv[2], std::ios::binary);
  out << packed << std::flush;
  if (packed.empty() || !out) {
    std::cerr << "make_zip: cannot make " << argv[2] << " of " << argv[1] << "\n";
    return 1;
  }
}
