// The method of a run whose method is a plugin.
#pragma once

#include "core/method/method.hpp"
#include "core/wire/work.hpp"

namespace laggard {

// Loads it. Throws Error where it cannot be loaded, is not what the coordinator has, or where this
// program loads no plugins.
const Method& method_from_plugin(const Work& work);

}  // namespace laggard
