// How a protocol gets into the program: built in, or as a shared library of its own.
#pragma once

#include "core/schedule/session.hpp"
#include "laggard/version.hpp"

#include <boost/version.hpp>

#include <cstddef>
#include <string_view>

// Changes with the meaning of what protocols and programs share, where no size below tells it.
#define LAGGARD_PROTOCOL_ABI 3

namespace laggard {

// What a plugin was built with, as text that ends with a zero: both sides must have the same.
struct AbiTag {
  char text[256] = {};
  std::size_t size = 0;

  constexpr void add(std::string_view more) {
    for (const char c : more) text[size++] = c;  // a tag that is too long does not compile
    text[size] = '\0';
  }
  constexpr void add(std::string_view name, long number) {
    char digits[20] = {};
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + number % 10);
    while (number /= 10);
    add(name);
    while (count > 0) text[size++] = digits[--count];
    text[size] = '\0';
  }
};

// Versions, the compiler, and the sizes that follow from options such as -mavx and _GLIBCXX_DEBUG.
// consteval, in a header: it is told by the compiler that compiles the plugin.
consteval AbiTag abi_tag() {
  AbiTag tag;
  tag.add("laggard " LAGGARD_VERSION);
  tag.add(", protocol ABI ", LAGGARD_PROTOCOL_ABI);
  tag.add(", Boost " BOOST_LIB_VERSION);
#if defined(__clang__)
  tag.add(", clang ", __clang_major__);
#elif defined(__GNUC__)
  tag.add(", gcc ", __GNUC__);
#endif
  tag.add(", C++ ", __cplusplus);
#ifdef _GLIBCXX_USE_CXX11_ABI
  tag.add(", libstdc++ ABI ", _GLIBCXX_USE_CXX11_ABI);
#endif
  tag.add(", Eigen ", EIGEN_WORLD_VERSION);
  tag.add(".", EIGEN_MAJOR_VERSION);
  tag.add(" align ", EIGEN_MAX_ALIGN_BYTES);
  tag.add(", sizes ", sizeof(Session));
  tag.add("/", sizeof(Protocol));
  tag.add("/", sizeof(ProtocolOption));
  tag.add("/", sizeof(ProtocolSetup));
  tag.add("/", sizeof(Report));
  return tag;
}

// The names of what a plugin exports, and their types.
inline constexpr const char* kAbiSymbol = "laggard_plugin_abi";            // const char[], the tag
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
#ifdef LAGGARD_BUILTIN_PROTOCOL
#define LAGGARD_PROTOCOL(...) \
  static const ::laggard::RegisterProtocol laggard_registered(::laggard::descriptor(__VA_ARGS__));
#else
#define LAGGARD_PROTOCOL(...)                                                                   \
  extern "C" {                                                                                  \
  extern __attribute__((visibility("default"))) const ::laggard::AbiTag laggard_plugin_abi;     \
  constinit const ::laggard::AbiTag laggard_plugin_abi = ::laggard::abi_tag();                  \
  __attribute__((visibility("default"))) const ::laggard::Protocol* laggard_plugin_protocol() { \
    static const ::laggard::Protocol protocol = ::laggard::descriptor(__VA_ARGS__);             \
    return &protocol;                                                                           \
  }                                                                                             \
  }
#endif
