#include "runners/plugins/elf_file.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

namespace laggard {
namespace {

// The bytes of `count` headers at `offset`; nothing if they are not all there.
template <class Header>
std::optional<std::vector<Header>> read_headers(std::ifstream& in, std::uint64_t offset,
                                                std::size_t count) {
  std::vector<Header> headers(count);
  in.clear();
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(reinterpret_cast<char*>(headers.data()),
          static_cast<std::streamsize>(count * sizeof(Header)));
  if (!in) return std::nullopt;
  return headers;
}

}  // namespace

std::optional<std::string> why_cut_short(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(file));
  char magic[SELFMAG] = {};
  in.read(magic, sizeof magic);
  // What is no ELF file at all is the loader's to refuse.
  if (!in || std::memcmp(magic, ELFMAG, SELFMAG) != 0) return std::nullopt;
  const auto cut = [&](std::string_view what) {
    return fmt::format("it is cut short: its {} bytes end before {}", size, what);
  };
  const auto header = read_headers<Elf64_Ehdr>(in, 0, 1);
  if (!header) return cut("the ELF header does");
  const Elf64_Ehdr& elf = header->front();
  if (elf.e_ident[EI_CLASS] != ELFCLASS64) return std::nullopt;
  const auto segments = read_headers<Elf64_Phdr>(in, elf.e_phoff, elf.e_phnum);
  if (!segments) return cut("its program headers do");
  for (const Elf64_Phdr& segment : *segments)
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
      return cut(fmt::format("the segment at {} does", segment.p_offset));
  const auto sections = read_headers<Elf64_Shdr>(in, elf.e_shoff, elf.e_shnum);
  if (!sections) return cut("its section headers do");
  for (const Elf64_Shdr& section : *sections)
    if (section.sh_type != SHT_NOBITS &&
        (section.sh_offset > size || section.sh_size > size - section.sh_offset))
      return cut(fmt::format("the section at {} does", section.sh_offset));
  return std::nullopt;
}

}  // namespace laggard
