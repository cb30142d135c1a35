#include "runners/runner/plugin.hpp"

#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"
#include "runners/runner/elf_file.hpp"
#include "runners/runner/options.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

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

void* symbol(void* library, const char* name, const std::string& where) {
  void* address = ::dlsym(library, name);
  if (!address) {
    throw Error(fmt::format(
        "{}: not a protocol plugin: it has no symbol {}; expected LAGGARD_PROTOCOL at the end of "
        "its source, outside of unnamed namespaces",
        where, name));
  }
  return address;
}

void check_abi(void* library, const std::string& where) {
  static constexpr AbiTag kOurs = abi_tag();
  const char* theirs = static_cast<const char*>(symbol(library, kAbiSymbol, where));
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

void check_option(const ProtocolOption& option, const std::string& where) {
  const auto refuse = [&](std::string_view why) {
    throw Error(fmt::format("{}: its option --{} {}", where, option.name, why));
  };
  if (option.name.empty()) throw Error(fmt::format("{}: one of its options has no name", where));
  if (!is_name(option.name, '-')) refuse("is misnamed; expected a-z, 0-9 and -, a letter first");
  const bool is_general =
      option.name == "config" || option.name == "help" || option.name == "version";
  if (is_general || find_option(option.name)) {
    refuse(fmt::format("clashes with the option --{} of the program; expected another name",
                       option.name));
  }
  if (option.type == OptionType::choice && option.choices.empty()) refuse("has nothing to choose");
  if (option.type != OptionType::choice && !(option.min <= option.max)) {
    refuse(fmt::format("has an empty range, {} to {}", option.min, option.max));
  }
}

const Protocol& add(const Protocol& protocol, const std::string& where) {
  if (protocols().contains(protocol.name)) {
    throw Error(fmt::format("{}: its name, {}, is taken by another protocol; expected a new one",
                            where, protocol.name));
  }
  RegisterProtocol{protocol};
  return protocols().find(protocol.name)->second;
}

}  // namespace

bool is_plugin_path(std::string_view text) {
  return text.find('/') != text.npos || text.ends_with(".so");
}

bool is_protocol_name(std::string_view text) { return is_name(text, '_'); }

void check_descriptor(const Protocol& protocol, const std::string& where) {
  if (protocol.name.empty()) throw Error(fmt::format("{}: its protocol has no name", where));
  if (!is_protocol_name(protocol.name)) {
    throw Error(fmt::format("{}: its name is '{}'; expected a-z, 0-9 and _, a letter first", where,
                            protocol.name));
  }
  if (!protocol.run) {
    throw Error(
        fmt::format("{}: its protocol {} has no coroutine: run is null", where, protocol.name));
  }
  std::set<std::string_view> seen;
  for (const ProtocolOption& option : protocol.options) {
    check_option(option, where);
    if (!seen.insert(option.name).second) {
      throw Error(fmt::format("{}: its option --{} is there twice", where, option.name));
    }
  }
}

const Protocol& load_plugin(const std::string& path, std::string_view what) {
  static std::map<fs::path, const Protocol*> loaded;
  const std::string where = fmt::format("{}: {}", what, path);
  std::error_code code;
  const Protocol*& known = loaded[fs::weakly_canonical(path, code)];
  if (known) return *known;
  void* library = open_library(path, where);
  check_abi(library, where);
  const auto getter = reinterpret_cast<ProtocolGetter>(symbol(library, kProtocolSymbol, where));
  const Protocol* protocol = guarded(where, "while it made its descriptor", getter);
  if (!protocol) throw Error(fmt::format("{}: it has no descriptor", where));
  check_descriptor(*protocol, where);
  known = &add(*protocol, where);
  return *known;
}

}  // namespace laggard
