#include "runners/laboratory/matrix/matrix_folder.hpp"

#include "core/io/output_file.hpp"
#include "core/results/run_directory.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMatrixLock = ".lock";

[[noreturn]] void refuse_in_use(const fs::path& folder, std::string_view what) {
  const std::string owner = lock_owner(folder / kMatrixLock);
  throw Error(fmt::format("{}: {}: in use{}; expected the end of that run, or another folder", what,
                          folder.string(), owner.empty() ? "" : " by process " + owner));
}

}  // namespace

void hold_matrix_folder(FileLock& lock, const fs::path& folder, const char* what) {
  std::error_code error;
  fs::create_directories(folder / kCells, error);
  if (error)
    fail_to_write(error.value(), fmt::format("{}: {}: cannot create it: {}", what, folder.string(),
                                             error.message()));
  if (fs::exists(folder / kRunFile, error))
    throw Error(fmt::format("{}: {}: holds a run; expected a folder of its own for a matrix", what,
                            folder.string()));
  if (!lock.take(folder / kMatrixLock, what)) refuse_in_use(folder, what);
}

void refuse_matrix_in_use(const fs::path& folder, std::string_view what) {
  if (is_locked(folder / kMatrixLock)) refuse_in_use(folder, what);
}

}  // namespace laggard
