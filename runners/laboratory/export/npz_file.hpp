// Tables as a file of NumPy.
#pragma once

#include "runners/laboratory/export/csv_folder.hpp"

namespace laggard {

// Writes an array of one dimension a column, TABLE.COLUMN, whole or not at all, which numpy.load
// reads without pickles. Integers are <i8, or where one is not known <f8 as reals are; what is not
// known is NaN. A boolean that is always known is |b1. All else is text, <U with as many characters
// as the longest has. Throws Error, beginning with `what`, where it cannot be written.
RowCounts write_npz(const std::vector<Table>& tables, const std::filesystem::path& file,
                    const std::string& what);

}  // namespace laggard
