// The folder that a matrix keeps its results in.
#pragma once

#include "core/io/file_lock.hpp"

#include <filesystem>
#include <string_view>

namespace laggard {

inline constexpr std::string_view kMatrixFile = "matrix.json";  // as it was given
inline constexpr std::string_view kCells = "cells";             // a folder a cell

// Makes the folder and holds it for this process. Throws Error, beginning with `what`, for one that
// is in use, holds a run, or cannot be made.
void hold_matrix_folder(FileLock& lock, const std::filesystem::path& folder, const char* what);

// Throws Error, beginning with `what`, where some process holds it.
void refuse_matrix_in_use(const std::filesystem::path& folder, std::string_view what);

}  // namespace laggard
