// Whether a shared library is all there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace laggard {

// What is wrong with a file that begins as an ELF file and ends before what its headers promise.
// The loader maps such a file, and the program that touches what is missing is killed (SIGBUS).
std::optional<std::string> why_cut_short(const std::filesystem::path& file);

}  // namespace laggard
