// The worker program and its package, as files.
#include "tests/support/temporary_directory.hpp"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <cstring>

namespace laggard {
namespace {

#ifdef LAGGARD_WORKER_ZIP

template <class T>
T at(const std::string& bytes, std::size_t offset) {
  T out{};
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("too short");
  std::memcpy(&out, bytes.data() + offset, sizeof(T));
  return out;
}

// The bytes of the one file in a zip, with its name and mode. Reads the directory at the end.
struct Entry {
  std::string name, content;
  unsigned mode = 0;
};
Entry only_entry(const std::string& zip) {
  const std::size_t end = zip.size() - 22;
  EXPECT_EQ(at<std::uint32_t>(zip, end), 0x06054b50u);
  EXPECT_EQ(at<std::uint16_t>(zip, end + 10), 1);
  const std::size_t directory = at<std::uint32_t>(zip, end + 16);
  EXPECT_EQ(at<std::uint32_t>(zip, directory), 0x02014b50u);
  const std::size_t packed = at<std::uint32_t>(zip, directory + 20);
  Entry out;
  out.content.resize(at<std::uint32_t>(zip, directory + 24));
  const std::size_t name_size = at<std::uint16_t>(zip, directory + 28);
  out.mode = at<std::uint32_t>(zip, directory + 38) >> 16;
  out.name = zip.substr(directory + 46, name_size);
  z_stream stream{};
  inflateInit2(&stream, -MAX_WBITS);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zip.data() + 30 + name_size));
  stream.avail_in = static_cast<uInt>(packed);
  stream.next_out = reinterpret_cast<Bytef*>(out.content.data());
  stream.avail_out = static_cast<uInt>(out.content.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(at<std::uint32_t>(zip, directory + 16),
            crc32(0, reinterpret_cast<const Bytef*>(out.content.data()),
                  static_cast<uInt>(out.content.size())));
  return out;
}

// True if the program asks for an interpreter or for a shared library. That it may be loaded
// anywhere alone needs a dynamic section too.
bool is_dynamic(const std::string& program) {
  const auto header = at<Elf64_Ehdr>(program, 0);
  bool dynamic = false;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto part = at<Elf64_Phdr>(program, header.e_phoff + i * header.e_phentsize);
    dynamic |= part.p_type == PT_INTERP;
    if (part.p_type != PT_DYNAMIC) continue;
    for (std::size_t k = 0; k < part.p_filesz / sizeof(Elf64_Dyn); ++k)
      dynamic |= at<Elf64_Dyn>(program, part.p_offset + k * sizeof(Elf64_Dyn)).d_tag == DT_NEEDED;
  }
  return dynamic;
}

TEST(WorkerProgram, NeedsNoSharedLibrary) {
  EXPECT_FALSE(is_dynamic(read_text(LAGGARD_WORKER)));
  EXPECT_TRUE(is_dynamic(read_text("/proc/self/exe")));  // the test can tell
}

TEST(WorkerProgram, RunsWhereThereIsNothingElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may change its root directory";
  TemporaryDirectory empty;
  std::filesystem::copy_file(LAGGARD_WORKER, empty / "worker");
  const pid_t child = ::fork();
  if (child == 0) {
    char name[] = "/worker", version[] = "--version";
    char* const arguments[] = {name, version, nullptr};
    char* const environment[] = {nullptr};
    if (::chroot(empty.path().c_str()) == 0 && ::chdir("/") == 0)
      ::execve(name, arguments, environment);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(WorkerPackage, HoldsAnExecutableBootstrapThatRuns) {
  const std::string zip = read_text(LAGGARD_WORKER_ZIP);
  EXPECT_LT(zip.size(), 10'000'000u);
  const Entry entry = only_entry(zip);
  EXPECT_EQ(entry.name, "bootstrap");
  EXPECT_EQ(entry.mode, unsigned{S_IFREG | 0755});
  EXPECT_FALSE(is_dynamic(entry.content));
  TemporaryDirectory directory;
  const auto bootstrap = directory.write("bootstrap", entry.content);
  std::filesystem::permissions(bootstrap, std::filesystem::perms::owner_all);
  EXPECT_EQ(std::system((bootstrap.string() + " --version > /dev/null").c_str()), 0);
}

TEST(WorkerPackage, IsTheSameHoweverOftenItIsMade) {
  TemporaryDirectory directory;
  const Entry entry = only_entry(read_text(LAGGARD_WORKER_ZIP));
  for (const std::string name : {"one", "two"}) {
    const auto program = directory.write(name, entry.content);
    std::filesystem::last_write_time(program, std::filesystem::file_time_type::clock::now() -
                                                  std::chrono::hours(name == "one" ? 1 : 1000));
    const std::string command = std::string(LAGGARD_MAKE_ZIP) + " " + program.string() + " " +
                                (directory / (name + ".zip")).string();
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  EXPECT_EQ(read_text(directory / "one.zip"), read_text(directory / "two.zip"));
  EXPECT_EQ(read_text(directory / "one.zip"), read_text(LAGGARD_WORKER_ZIP));
}

#else

TEST(WorkerProgram, IsStatic) { GTEST_SKIP() << "a build with sanitizers cannot be static"; }

#endif

}  // namespace
}  // namespace laggard
