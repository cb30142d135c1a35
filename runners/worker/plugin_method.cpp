#include "runners/worker/plugin_method.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/plugins/plugin.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <span>

namespace laggard {

const Method& method_from_plugin(const Work& work) {
  std::ifstream in(work.plugin, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in && bytes.empty())
    throw Error(
        fmt::format("method {}: its plugin {} cannot be read here", work.method, work.plugin));
  if (sha256_hex(std::as_bytes(std::span(bytes))) != work.plugin_sha256)
    throw Error(fmt::format("method {}: its plugin {} is not the file that the coordinator has",
                            work.method, work.plugin));
  return load_method(work.plugin, "method " + work.method);
}

}  // namespace laggard
