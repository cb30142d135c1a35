// What the laboratory must be told of the options of a run. It knows none of them itself.
#pragma once

#include "runners/cli/option.hpp"
#include "runners/cli/setting.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

using cli::NumberKind;

// What settings come to.
struct ResolvedRun {
  std::string id;          // of the run
  bool real_time = false;  // its times depend on what else this machine does
  bool is_billed = false;  // it costs real money
};

class RunRules {
 public:
  virtual ~RunRules() = default;

  // Every option, those of all protocols and methods too, also of plugins that `owners`, settings
  // of protocol and method, name. Throws Error, beginning with its `what`, for one that is unknown.
  virtual std::vector<std::string> names(std::span<const Setting> owners) const = 0;
  // Of the values of an option of a run with this protocol and method, empty for the usual ones;
  // none also where there is no such option.
  virtual NumberKind number_kind(std::string_view option, std::string_view protocol,
                                 std::string_view method) const = 0;
  // The value with its paths, if it has any, as seen from the current folder and not from `folder`.
  virtual std::string located(const Setting& setting,
                              const std::filesystem::path& folder) const = 0;
  // Throws Error, beginning with its `what`, for an option that makes no sense in a matrix.
  virtual void refuse_unfit(const Setting& setting) const = 0;
  // Throws Error for settings that make no run.
  virtual ResolvedRun resolve(std::span<const Setting> settings) const = 0;
  // The value that an option has in such a run, given or not; nothing where it has none. Throws as
  // resolve() does.
  virtual std::optional<std::string> value_in_force(std::string_view option,
                                                    std::span<const Setting> settings) const = 0;
};

}  // namespace laggard
