// What a plugin and a program must have in common.
#pragma once

#include "laggard/version.hpp"

#include <boost/version.hpp>
#include <Eigen/Core>

#include <cstddef>
#include <string_view>

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
  // What they share: see cmake/plugin_headers.cmake.
  tag.add(", headers " LAGGARD_PLUGIN_HEADERS);
  return tag;
}

inline constexpr const char* kAbiSymbol = "laggard_plugin_abi";  // const char[], the tag

}  // namespace laggard

// Exports the tag, a constant that can be read without calling anything of the plugin. Weak: the
// sources of a library that brings several things may each have it.
#define LAGGARD_EXPORT_ABI                                                                        \
  extern "C" {                                                                                    \
  extern __attribute__((weak, visibility("default"))) const ::laggard::AbiTag laggard_plugin_abi; \
  constinit const ::laggard::AbiTag laggard_plugin_abi = ::laggard::abi_tag();                    \
  }
