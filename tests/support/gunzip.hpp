// What zcat shows of a file, complete or not.
#pragma once

#include <zlib.h>

#include <array>
#include <filesystem>
#include <string>

namespace laggard {

inline std::string gunzip(const std::filesystem::path& file) {
  std::string text;
  gzFile in = ::gzopen(file.c_str(), "rb");
  if (!in) return text;
  std::array<char, 4096> chunk;
  for (int size; (size = ::gzread(in, chunk.data(), chunk.size())) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  ::gzclose(in);
  return text;
}

}  // namespace laggard
