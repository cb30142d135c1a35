#include "tests/wire/counting_new.hpp"
#include "tests/wire/samples.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace laggard {
namespace {

using namespace laggard::testing;

TEST(Allocation, NothingIsAllocatedInTheSteadyState) {
  const Task sent = sample_two_operands();
  const ReportMessage report = sample_two_vectors();
  const SharedTail tail = make_tail(sent.z, Precision::f64);
  Bytes frame, of_report;
  encode_whole(report, Precision::f64, of_report);
  TaskMessage task;
  ReportMessage read;
  const auto round = [&] {
    frame.clear();
    encode(sent, 1, 0, *tail, frame);
    append_tail(*tail, frame);
    decode(payload_of(frame), kLimits, task);
    decode(payload_of(of_report), kLimits, read);
  };
  round();
  const double* z = task.z.data();
  const double* operand = task.operands[0].value.data();
  const double* x = read.vectors[0].data();
  const long before = allocations();
  for (int i = 0; i < 100; ++i) round();
  EXPECT_EQ(allocations(), before);
  // Eigen allocates with malloc, so its vectors are watched by where they are.
  EXPECT_EQ(task.z.data(), z);
  EXPECT_EQ(task.operands[0].value.data(), operand);
  EXPECT_EQ(read.vectors[0].data(), x);
}

TEST(Allocation, ACountBeyondThePayloadIsNotAllocated) {
  Bytes frame;
  encode_whole(sample_report(), Precision::f64, frame);
  const Limits huge{4'000'000'000, kShards, Precision::f64};
  ReportMessage read;
  Bytes payload(payload_of(frame).begin(), payload_of(frame).end());
  const std::uint32_t count = 2'000'000'000;
  std::memcpy(payload.data() + payload.size() - 5 * sizeof(double) - sizeof count, &count,
              sizeof count);
  EXPECT_THROW(decode(payload, huge, read), WireError);
  ASSERT_EQ(read.vectors.size(), 1u);
  EXPECT_EQ(read.vectors[0].size(), 0);
}

}  // namespace
}  // namespace laggard
