// What lies beside this program, in a build tree as where it is installed.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

// The path of the worker: in the folder of this program. It need not be there.
// loads_plugins: the one that can, which is another program in builds whose worker is static.
std::filesystem::path worker_beside(bool loads_plugins = false);

// The file of --data NAME: the file NAME, or else the bundled data set of that name.
std::filesystem::path data_file(const std::string& name);

}  // namespace laggard
