#include "core/results/environment.hpp"

#include "laggard/build_info.hpp"
#include "laggard/git_revision.hpp"

#include <fmt/format.h>
#include <lzma.h>
#include <openssl/crypto.h>
#include <xxhash.h>
#include <zlib.h>
#include <boost/version.hpp>
#include <Eigen/Core>

#include <fstream>

namespace laggard {
namespace {

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string parts(unsigned number) {
  return fmt::format("{}.{}.{}", number / 10000, number / 100 % 100, number % 100);
}

}  // namespace

const char* version() { return LAGGARD_VERSION; }

Environment environment() {
  Environment info;
  info.version = LAGGARD_VERSION;
  info.compiler = LAGGARD_COMPILER;
  info.flags = LAGGARD_FLAGS;
  info.build_type = LAGGARD_BUILD_TYPE;
  info.libraries = {
      {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                            BOOST_VERSION % 100)},
      {"eigen",
       fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
      {"fmt", parts(FMT_VERSION)},
      {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"zlib", zlibVersion()},
      {"lzma", lzma_version_string()},
      {"xxhash", parts(XXH_versionNumber())},
  };
  info.cpu = cpu_model();
  info.git_revision = LAGGARD_GIT_REVISION;
  return info;
}

}  // namespace laggard
