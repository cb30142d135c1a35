// The right tag, and no descriptor.
#include "core/schedule/plugin.hpp"

extern "C" {
extern const laggard::AbiTag laggard_plugin_abi;
constinit const laggard::AbiTag laggard_plugin_abi = laggard::abi_tag();
}
