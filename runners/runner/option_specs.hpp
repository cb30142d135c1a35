// The options whose values have a grammar of their own.
#pragma once

#include "runners/runner/options.hpp"

#include <string>
#include <string_view>

namespace laggard::option_specs {

RunOption synthetic_option();
RunOption stop_option();
RunOption target_gap_option();
RunOption target_loss_option();
RunOption validation_option();
RunOption validation_seed_option();
RunOption service_time_option();
RunOption faults_option();

// The canonical text of a value. Each throws Error without naming the option.
std::string canonical_reference(std::string_view text);  // none | auto | a finite number

}  // namespace laggard::option_specs
