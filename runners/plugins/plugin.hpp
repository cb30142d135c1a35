// Protocols and methods from shared libraries.
#pragma once

#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"

#include <string>
#include <string_view>

namespace laggard {

// True for what names a file and not something built in: it has a '/' or ends in ".so".
bool is_plugin_path(std::string_view text);

// Loads the library, unless it has been before, and adds what it
// brings to protocols() or methods(); both stay
// until the program ends. `path` is relative to the working directory. Throws Error, beginning with
// `what` and `path`, for a file that is no plugin of this very build of Laggard and for a
// descriptor that cannot be.
//
// The tag is compared before anything of the plugin is called. The one thing that nobody can hold
// back are static initialisers: they run while the library is loaded. LAGGARD_PROTOCOL and
// LAGGARD_METHOD have none.
//
// taken: whether the program has an option of that name, which then cannot be the plugin's too.
using TakenOption = bool (*)(std::string_view name);
const Protocol& load_protocol(const std::string& path, std::string_view what,
                              TakenOption taken = nullptr);
const Method& load_method(const std::string& path, std::string_view what,
                          TakenOption taken = nullptr);

// What protocols and methods may be called: a-z, 0-9 and _, a letter first.
bool is_plugin_name(std::string_view text);

// Throws Error, beginning with `where`, for a descriptor with which a command line cannot work: no
// name, no coroutine, half a method; options without a name, given twice, or called as one of the
// program's.
void check_descriptor(const Protocol& protocol, const std::string& where,
                      TakenOption taken = nullptr);
void check_descriptor(const Method& method, const std::string& where, TakenOption taken = nullptr);

}  // namespace laggard
