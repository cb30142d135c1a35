// How a method gets into the program: built in, or as a shared library of its own.
#pragma once

#include "core/io/abi.hpp"
#include "core/method/method.hpp"

namespace laggard {

// What a plugin exports beside the tag, and its type.
inline constexpr const char* kMethodSymbol = "laggard_plugin_method";  // MethodGetter
using MethodGetter = const Method* (*)();

inline Method descriptor(Method method) { return method; }

}  // namespace laggard

// Ends the source of a method; the descriptor follows in parentheses:
//
//   LAGGARD_METHOD({
//       .name = "mine",
//       ...
//       .coordinator = coordinator,
//   })
//
// Stands in namespace laggard or outside of it, but not in an unnamed namespace, which would hide
// the symbols. Once in a library. In a build of Laggard itself it registers the method before main;
// elsewhere it exports the tag and a function that makes the descriptor, so that nothing of the
// plugin need run before it is asked.
#ifdef LAGGARD_BUILTIN
#define LAGGARD_METHOD(...) \
  static const ::laggard::RegisterMethod laggard_registered(::laggard::descriptor(__VA_ARGS__));
#else
#define LAGGARD_METHOD(...)                                                                 \
  LAGGARD_EXPORT_ABI                                                                        \
  extern "C" {                                                                              \
  __attribute__((visibility("default"))) const ::laggard::Method* laggard_plugin_method() { \
    static const ::laggard::Method method = ::laggard::descriptor(__VA_ARGS__);             \
    return &method;                                                                         \
  }                                                                                         \
  }
#endif
