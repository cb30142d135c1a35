#include "runners/laboratory/report/figures.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"

#include <duktape.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace laggard {
namespace {

// What a chart library expects to find around it, without a browser. There is no time that could
// pass, and no chance.
constexpr std::string_view kSurroundings = R"js(
var global = this, self = this;
function setTimeout() { return 0; }
function clearTimeout() {}
var console = { log: function () {}, warn: function () {}, error: function () {} };
Math.random = (function () {
  var state = 1;
  return function () { state = (state * 16807) % 2147483647; return state / 2147483647; };
})();
// The engine's own sort draws its pivots by the clock, and changes the order of what is equal.
Array.prototype.sort = function (compare) {
  function before(a, b) {
    if (a === undefined || b === undefined) return b === undefined;
    return compare ? !(compare(a, b) > 0) : String(a) <= String(b);
  }
  function merged(a) {
    if (a.length < 2) return a;
    var half = a.length >> 1, left = merged(a.slice(0, half)), right = merged(a.slice(half));
    var out = [], i = 0, j = 0;
    while (i < left.length && j < right.length)
      out.push(before(left[i], right[j]) ? left[i++] : right[j++]);
    return out.concat(left.slice(i), right.slice(j));
  }
  var sorted = merged(Array.prototype.slice.call(this));
  for (var k = 0; k < sorted.length; ++k) this[k] = sorted[k];
  return this;
};
)js";

[[noreturn]] void fail(const std::string& message) {
  throw InvariantViolation(fmt::format("figures: {}", message));
}

class Script {
 public:
  Script() : context_(duk_create_heap_default(), duk_destroy_heap) {
    if (!context_) throw std::bad_alloc();
  }

  void run(std::string_view source, const char* name) {
    duk_context* const c = context_.get();
    duk_push_string(c, name);
    if (duk_pcompile_lstring_filename(c, 0, source.data(), source.size()) != 0 ||
        duk_pcall(c, 0) != 0)
      fail(fmt::format("{}: {}", name, error()));
    duk_pop(c);
  }

  std::string call(const char* function, std::string_view argument) {
    duk_context* const c = context_.get();
    duk_get_global_string(c, function);
    duk_push_lstring(c, argument.data(), argument.size());
    if (duk_pcall(c, 1) != 0) fail(fmt::format("{}: {}", function, error()));
    duk_size_t size = 0;
    const char* const text = duk_get_lstring(c, -1, &size);
    if (!text) fail(fmt::format("{} returned no text", function));
    std::string result(text, size);
    duk_pop(c);
    return result;
  }

 private:
  std::string error() {
    duk_context* const c = context_.get();
    if (duk_is_error(c, -1)) duk_get_prop_string(c, -1, "stack");
    return duk_safe_to_string(c, -1);
  }

  std::unique_ptr<duk_context, decltype(&duk_destroy_heap)> context_;
};

bool is_file_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

}  // namespace

std::vector<Figure> draw_figures(std::string_view program, std::string_view document) {
  Script script;
  script.run(kSurroundings, "surroundings.js");
  script.run(program, "figures.js");
  const std::string drawn = script.call("laggardFigures", document);
  const boost::json::value list = parse_json(drawn, "figures");
  if (!list.is_array()) fail("laggardFigures returned no list");
  std::vector<Figure> figures;
  for (const boost::json::value& each : list.as_array()) {
    const boost::json::object& object = each.as_object();
    Figure figure{loose_text(object, "name"), loose_text(object, "title"),
                  loose_text(object, "svg")};
    if (!is_file_name(figure.name) || figure.svg.empty())
      fail(fmt::format("no picture is called \"{}\"", figure.name));
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace laggard
