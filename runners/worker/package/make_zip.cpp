// make_zip PROGRAM ZIP: a zip of one executable, `bootstrap`, as Lambda takes it. The same program
// gives the same bytes.
#include "core/io/zip.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

constexpr std::uint32_t kMode = 0100755;  // a regular file, rwxr-xr-x
constexpr int kBest = 9;

bool make_zip(const std::string& content, std::ostream& out) {
  if (content.empty()) return false;
  laggard::ZipWriter zip([&](std::string_view bytes) { out << bytes; }, "make_zip");
  zip.begin("bootstrap", kMode, kBest);
  zip.write(content);
  zip.end();
  zip.finish();
  return static_cast<bool>(out << std::flush);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "make_zip: expected PROGRAM ZIP\n";
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  try {
    std::ofstream out(argv[2], std::ios::binary);
    if (make_zip(content, out)) return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  std::cerr << "make_zip: cannot make " << argv[2] << " of " << argv[1] << "\n";
  return 1;
}
