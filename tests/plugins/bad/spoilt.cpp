// A good plugin, but for what the environment variable SPOILT_BY asks for.
#include "core/schedule/plugin.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace laggard {
namespace {

bool spoilt_by(std::string_view what) {
  const char* asked = std::getenv("SPOILT_BY");
  return asked && what == asked;
}

struct Initialised {
  Initialised() {
    if (spoilt_by("loading")) throw std::runtime_error("two\nlines");
    if (spoilt_by("loading_oddly")) throw 3;
  }
} initialised;

asio::awaitable<void> run(Session& s) {
  if (spoilt_by("waiting")) co_await s.next();
  if (!spoilt_by("running")) co_return;
  s.dispatch_all();
  const Report report = co_await s.next();
  s.accept(report);
  s.accept(report);
}

Protocol describe() {
  if (spoilt_by("describing")) throw std::runtime_error("no luck");
  Protocol p;
  p.name = spoilt_by("no_name") ? "" : spoilt_by("bad_name") ? "./bad" : "spoilt";
  if (spoilt_by("taken_name")) p.name = "sync";
  if (!spoilt_by("no_coroutine")) p.run = run;
  p.options.resize(spoilt_by("double_option") ? 2 : 1);
  for (OptionSpec& option : p.options) {
    option.name = "own";
    option.default_text = spoilt_by("no_default") ? "W/8" : "0";
  }
  OptionSpec& option = p.options.front();
  if (spoilt_by("clash")) option.name = "workers";
  if (spoilt_by("general_clash")) option.name = "help";
  if (spoilt_by("no_option_name")) option.name = "";
  if (spoilt_by("no_choices")) option.type = OptionType::choice;
  if (spoilt_by("empty_range")) option.min = 1;
  return p;
}

}  // namespace

LAGGARD_PROTOCOL(describe())

}  // namespace laggard
