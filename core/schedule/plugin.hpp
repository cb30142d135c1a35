// How a protocol gets into the program: built in, or as a shared library of its own.
#pragma once

#include "core/io/abi.hpp"
#include "core/io/error.hpp"
#include "core/schedule/protocol.hpp"
#include "core/schedule/session.hpp"

namespace laggard {

// What a plugin exports beside the tag, and its type.
inline constexpr const char* kProtocolSymbol = "laggard_plugin_protocol";  // ProtocolGetter
using ProtocolGetter = const Protocol* (*)();

inline Protocol descriptor(Protocol protocol) { return protocol; }

}  // namespace laggard

// Ends the source of a protocol; the descriptor follows in parentheses:
//
//   LAGGARD_PROTOCOL({
//       .name = "mine",
//       ...
//       .run = run_mine,
//   })
//
// Stands in namespace laggard or outside of it, but not in an unnamed namespace, which would hide
// the symbols. Once in a library. In a build of Laggard itself it registers the protocol before
// main; elsewhere it exports the tag, a constant that can be read without calling anything, and a
// function that makes the descriptor, so that nothing of the plugin need run before it is asked.
#ifdef LAGGARD_BUILTIN
#define LAGGARD_PROTOCOL(...) \
  static const ::laggard::RegisterProtocol laggard_registered(::laggard::descriptor(__VA_ARGS__));
#else
#define LAGGARD_PROTOCOL(...)                                                                   \
  LAGGARD_EXPORT_ABI                                                                            \
  extern "C" {                                                                                  \
  __attribute__((visibility("default"))) const ::laggard::Protocol* laggard_plugin_protocol() { \
    static const ::laggard::Protocol protocol = ::laggard::descriptor(__VA_ARGS__);             \
    return &protocol;                                                                           \
  }                                                                                             \
  }
#endif
