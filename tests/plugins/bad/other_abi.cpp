// Built for another version; whoever calls it nevertheless does not survive.
#include <cstdlib>

extern "C" {
extern const char laggard_plugin_abi[];
const char laggard_plugin_abi[] = "laggard 0.0.1, protocol ABI 0";

const void* laggard_plugin_protocol() { std::abort(); }
}
