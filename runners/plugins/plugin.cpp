#include "runners/plugins/plugin.hpp"

#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/schedule/plugin.hpp"
#include "runners/plugins/elf_file.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Calls `body`; whatever it throws becomes an Error that begins with `where`.
template <class Body>
auto guarded(const std::string& where, const char* when, Body body) {
  try {
    return body();
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: it threw {}: {}", where, when, error.what()));
  } catch (...) {
    throw Error(fmt::format("{}: it threw {}, and no std::exception", where, when));
  }
}

// What the loader said last, without the path, which the message has already.
std::string loader_error(const std::string& path) {
  const char* said = ::dlerror();
  std::string text = said ? said : "for no known reason";
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  return text;
}

// Never closed: the descriptor and the coroutine are inside.
void* open_library(const fs::path& file, const std::string& where) {
  std::error_code code;
  const fs::file_status status = fs::status(file, code);
  if (!fs::exists(status)) throw Error(fmt::format("{}: no such file", where));
  if (!fs::is_regular_file(status)) throw Error(fmt::format("{}: not a file", where));
  if (const auto why = why_cut_short(file))
    throw Error(fmt::format("{}: {}; expected a whole library", where, *why));
  // A name without '/' would be looked for in the system's directories.
  const std::string path = fs::absolute(file).string();
  // Static initialisers may throw through dlopen, which is declared noexcept: a direct call would
  // end in std::terminate. The loader is not used again after that.
  void* (*volatile open)(const char*, int) = ::dlopen;
  void* library = guarded(where, "while it was loaded",
                          [&] { return open(path.c_str(), RTLD_NOW | RTLD_LOCAL); });
  if (!library) {
    throw Error(fmt::format("{}: cannot be loaded as a library: {}", where, loader_error(path)));
  }
  return library;
}

void* symbol(void* library, const char* name, std::string_view kind, const std::string& where) {
  void* address = ::dlsym(library, name);
  if (!address) {
    throw Error(
        fmt::format("{}: not a {} plugin: it has no symbol {}; expected {} at the end of its "
                    "source, outside of "
                    "unnamed namespaces",
                    where, kind, name, kind == "method" ? "LAGGARD_METHOD" : "LAGGARD_PROTOCOL"));
  }
  return address;
}

void check_abi(void* library, std::string_view kind, const std::string& where) {
  static constexpr AbiTag kOurs = abi_tag();
  const char* theirs = static_cast<const char*>(symbol(library, kAbiSymbol, kind, where));
  const std::string_view tag(theirs, ::strnlen(theirs, sizeof kOurs.text));
  if (tag == kOurs.text) return;
  throw Error(
      fmt::format("{}: built for another laggard: the plugin has \"{}\", this program \"{}\"; "
                  "expected the same, "
                  "so build it again",
                  where, tag, kOurs.text));
}

bool is_name(std::string_view text, char separator) {
  if (text.empty() || text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == separator;
  });
}

void check_option(const OptionSpec& option, const std::string& where, TakenOption taken) {
  const auto refuse = [&](std::string_view why) {
    throw Error(fmt::format("{}: its option --{} {}", where, option.name, why));
  };
  if (option.name.empty()) throw Error(fmt::format("{}: one of its options has no name", where));
  if (!is_name(option.name, '-')) refuse("is misnamed; expected a-z, 0-9 and -, a letter first");
  if (taken && taken(option.name)) {
    refuse(fmt::format("clashes with the option --{} of the program; expected another name",
                       option.name));
  }
  if (option.type == OptionType::choice && option.choices.empty()) refuse("has nothing to choose");
  const bool number = option.type == OptionType::integer || option.type == OptionType::real;
  if (number && !(option.min <= option.max)) {
    refuse(fmt::format("has an empty range, {} to {}", option.min, option.max));
  }
}

// What all descriptors have in common.
template <class Descriptor>
void check_described(const Descriptor& one, const char* kind, const std::string& where,
                     TakenOption taken) {
  if (one.name.empty()) throw Error(fmt::format("{}: its {} has no name", where, kind));
  if (!is_plugin_name(one.name)) {
    throw Error(fmt::format("{}: its name is '{}'; expected a-z, 0-9 and _, a letter first", where,
                            one.name));
  }
  std::set<std::string_view> seen;
  for (const OptionSpec& option : one.options) {
    check_option(option, where, taken);
    if (!seen.insert(option.name).second) {
      throw Error(fmt::format("{}: its option --{} is there twice", where, option.name));
    }
    OptionValues value;
    fill_defaults(std::span(&option, 1), value);
    if (value.empty() && !one.prepare) {
      throw Error(
          fmt::format("{}: its option --{} has the default '{}', which is no value; expected one, "
                      "or prepare to "
                      "work it out",
                      where, option.name, option.default_text));
    }
  }
}

// Kind: Protocol or Method; `all`: their registry.
template <class Kind, class Register>
const Kind& load(const std::string& path, std::string_view what, const char* kind,
                 const char* symbol_name, const std::map<std::string, Kind, std::less<>>& all,
                 TakenOption taken) {
  static std::map<fs::path, const Kind*> loaded;
  const std::string where = fmt::format("{}: {}", what, path);
  std::error_code code;
  const Kind*& known = loaded[fs::weakly_canonical(path, code)];
  if (known) return *known;
  void* library = open_library(path, where);
  check_abi(library, kind, where);
  const auto getter =
      reinterpret_cast<const Kind* (*)()>(symbol(library, symbol_name, kind, where));
  const Kind* one = guarded(where, "while it made its descriptor", getter);
  if (!one) throw Error(fmt::format("{}: it has no descriptor", where));
  check_descriptor(*one, where, taken);
  if (all.contains(one->name)) {
    throw Error(fmt::format("{}: its name, {}, is taken by another {}; expected a new one", where,
                            one->name, kind));
  }
  Register{*one};
  known = &all.find(one->name)->second;
  return *known;
}

}  // namespace

bool is_plugin_path(std::string_view text) {
  return text.find('/') != text.npos || text.ends_with(".so");
}

bool is_plugin_name(std::string_view text) { return is_name(text, '_'); }

void check_descriptor(const Protocol& protocol, const std::string& where, TakenOption taken) {
  check_described(protocol, "protocol", where, taken);
  if (!protocol.run) {
    throw Error(
        fmt::format("{}: its protocol {} has no coroutine: run is null", where, protocol.name));
  }
}

void check_descriptor(const Method& method, const std::string& where, TakenOption taken) {
  check_described(method, "method", where, taken);
  if (!method.worker || !method.coordinator) {
    throw Error(fmt::format("{}: its method {} lacks a half: {} is null", where, method.name,
                            method.worker ? "coordinator" : "worker"));
  }
}

const Protocol& load_protocol(const std::string& path, std::string_view what, TakenOption taken) {
  return load<Protocol, RegisterProtocol>(path, what, "protocol", kProtocolSymbol, protocols(),
                                          taken);
}

const Method& load_method(const std::string& path, std::string_view what, TakenOption taken) {
  return load<Method, RegisterMethod>(path, what, "method", kMethodSymbol, methods(), taken);
}

}  // namespace laggard
