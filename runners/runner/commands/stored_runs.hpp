// What the commands on results have in common.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

inline constexpr std::size_t kManyFolders = 10'000;

// Of the program, of every protocol and of every method.
std::vector<std::string> option_names();

// The current one without words.
std::vector<std::filesystem::path> folders_of(const std::vector<std::string>& words);

// Throws Error, beginning with `what`, that offers the nearest of `names` if it is none of them.
void check_field(std::string_view name, std::string_view what, std::span<const std::string> names);

// The run in the folder `name`, or that with this ID below the folder `in`. Throws Error.
StoredRun run_called(const std::string& name, const std::string& in, std::string_view what);

}  // namespace laggard
