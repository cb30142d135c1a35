// What lies beside this program, in a build tree as where it is installed.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

// The path of the worker: in the folder of this program. It need not be there.
std::filesystem::path worker_beside();

// The file of --data NAME: the file NAME, or else the bundled data set of that name.
std::filesystem::path data_file(const std::string& name);

}  // namespace laggard
