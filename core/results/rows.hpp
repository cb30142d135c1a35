// Rows of the results as text.
#pragma once

#include "core/results/worker_statistics.hpp"
#include "core/task/events.hpp"

#include <string>
#include <string_view>

namespace laggard {

// Headers and rows end with a newline. Doubles are in their shortest form that reads back the
// same, times are exact seconds; what is missing or not finite is an empty field.
extern const std::string_view kIterationsHeader;
extern const std::string_view kWorkersHeader;
extern const std::string_view kFleetHeader;
extern const std::string_view kPerWorkerHeader;  // of times, the means
extern const std::string_view kSolutionHeader;
extern const std::string_view kModelsHeader;

void append_row(std::string& text, const RoundRow& row);
void append_row(std::string& text, const TaskRow& row);
void append_row(std::string& text, const LifeRow& row);
void append_row(std::string& text, const WorkerRow& row);
// Seconds with all their nanoseconds but no trailing zeros; nothing for kForever.
void append_seconds(std::string& text, Time time);
// A field that is text: in quotes, where it needs them.
void append_csv_text(std::string& text, std::string_view value);
// All d features, from 1 as in svmlight text; each row begins with `before`.
std::string solution_rows(const Vector& z, std::string_view before = {});

}  // namespace laggard
