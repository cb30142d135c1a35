// What a static program does with a plugin.
#include "core/io/error.hpp"
#include "runners/worker/plugin_method.hpp"

#include <fmt/format.h>

namespace laggard {

const Method& method_from_plugin(const Work& work) {
  throw Error(fmt::format(
      "method {}: this worker is a static program and loads no plugins; expected a method that is "
      "built in, or laggard-plugin-worker in its place",
      work.method));
}

}  // namespace laggard
