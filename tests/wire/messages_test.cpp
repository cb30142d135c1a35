#include "core/task/random.hpp"
#include "tests/wire/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace laggard {
namespace {

using namespace laggard::testing;
using ::testing::HasSubstr;

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

// What a number looks like on a little-endian machine, by arithmetic.
template <class T>
void little(Bytes& out, T value) {
  std::uint64_t bits = 0;
  if constexpr (std::is_same_v<T, double>)
    bits = std::bit_cast<std::uint64_t>(value);
  else if constexpr (std::is_same_v<T, float>)
    bits = std::bit_cast<std::uint32_t>(value);
  else
    bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof value; ++i)
    out.push_back(static_cast<std::byte>(bits >> (8 * i) & 0xff));
}

// Written by hand; the checksum is from a program that calls XXH3's streaming functions.
TEST(Frame, RevokeIsTheseBytes) {
  Bytes out;
  encode(RevokeMessage{0x0102030405060708}, out);
  EXPECT_EQ(out, bytes({0x47, 0x47, 0x41, 0x4c, 6,    0,    8,    0,    8, 0, 0, 0, 0, 0, 0, 0,  //
                        0,    0,    0,    0,    0,    0,    0,    0,                             //
                        0xf3, 0xfa, 0x3f, 0x26, 0x51, 0x6f, 0xad, 0xba,                          //
                        8,    7,    6,    5,    4,    3,    2,    1}));
}

TEST(Frame, TaskHasItsFieldsInThisOrder) {
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    Task task = sample_two_operands();
    task.parts = {{3, -0.5}};
    task.precision = precision;
    Bytes expected, out;
    little(expected, std::int64_t{41});
    little(expected, std::int32_t{6});
    little(expected, std::int64_t{9});
    little(expected, std::uint32_t{3});
    for (const double v : {0.1, -1e300, 3.0}) little(expected, v);
    little(expected, std::uint32_t{1});
    little(expected, std::int32_t{3});
    little(expected, -0.5);
    little(expected, std::uint32_t{2});
    little(expected, std::int64_t{3'000'000'000});
    little(expected, std::int64_t{2});
    little(expected, std::uint8_t{1});
    for (const double v : {0.1, 0.35}) little(expected, v);
    little(expected, std::int64_t{-1});
    little(expected, std::int64_t{3});
    little(expected, std::uint8_t{0});
    little(expected, std::int64_t{0});
    little(expected, std::uint32_t{5});
    for (const double v : {-1.0, -0.75, -0.5, -0.25, 0.0}) {
      if (precision == Precision::f64)
        little(expected, v);
      else
        little(expected, static_cast<float>(v));
    }
    encode(task, 1, 9, out);
    const ByteSpan payload = payload_of(out);
    EXPECT_EQ(Bytes(payload.begin(), payload.end()), expected);
  }
}

TEST(Frame, ReportHasItsFieldsInThisOrder) {
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    Bytes expected, out;
    little(expected, std::int64_t{41});
    little(expected, std::int32_t{6});
    for (const int flag : {1, 0, 0, 1}) little(expected, static_cast<std::uint8_t>(flag));
    little(expected, std::int64_t{17});
    little(expected, std::int64_t{8});
    little(expected, std::int64_t{21});
    little(expected, 0.25);
    little(expected, std::int64_t{1'234'567});
    little(expected, std::int64_t{654'321});
    little(expected, std::int64_t{89});
    little(expected, std::int64_t{kForever.count()});
    little(expected, std::uint32_t{0});
    little(expected, std::uint32_t{3});
    for (const double v : {0.1, 1e300, -3.0}) little(expected, v);
    little(expected, std::int64_t{0});
    little(expected, std::uint32_t{2});
    const std::vector<std::vector<double>> vectors = {{7.5, 7.75, 8, 8.25, 8.5}, {-2, -1.75}};
    for (const std::vector<double>& vector : vectors) {
      little(expected, static_cast<std::uint32_t>(vector.size()));
      for (const double v : vector) {
        if (precision == Precision::f64)
          little(expected, v);
        else
          little(expected, static_cast<float>(v));
      }
    }
    encode_whole(sample_two_vectors(), precision, out);
    const ByteSpan payload = payload_of(out);
    EXPECT_EQ(Bytes(payload.begin(), payload.end()), expected);
  }
}

// Philox4x32-10 under seed 1, stream 15, by the id of the task: four words a block.
TEST(Ballast, IsWhatTheStreamHasForItsTaskAndNothingElse) {
  Bytes frame;
  encode(sample_payload(), 0, 0, frame);
  const Bytes payload(payload_of(frame).begin(), payload_of(frame).end());
  Bytes expected;
  for (const std::uint32_t block : {0u, 1u, 2u})
    for (const std::uint32_t word : philox(1, Stream::payload, 44, block)) little(expected, word);
  expected.resize(37);
  little(expected, std::uint32_t{0});  // the size of z
  ASSERT_GE(payload.size(), expected.size());
  EXPECT_EQ(Bytes(payload.end() - 41, payload.end()), expected);
  TaskMessage read;
  decode(payload, kLimits, read);
  EXPECT_EQ(read.ballast, 37);
  EXPECT_EQ(read.z.size(), 0);
  for (const std::size_t back : {std::size_t{5}, std::size_t{41}}) {
    Bytes wrong = payload;
    wrong[wrong.size() - back] ^= std::byte{1};
    EXPECT_THROW(decode(wrong, kLimits, read), WireError);
  }
}

TEST(Ballast, CountsAsNumbersDo) {
  const auto decodes = [](std::int64_t bytes) {
    ReportMessage report = sample_ballast();
    report.ballast = bytes;
    Bytes frame;
    encode_whole(report, Precision::f64, frame);
    ReportMessage read;
    try {
      decode(payload_of(frame), kLimits, read);
    } catch (const WireError&) {
      return false;
    }
    return true;
  };
  EXPECT_TRUE(decodes(8 * kNumbers));
  EXPECT_FALSE(decodes(8 * kNumbers + 1));
}

TEST(TaskMessage, SaysWhatTheTaskDoes) {
  const Task task = sample_two_operands();
  Bytes frame;
  encode(task, 1, 9, frame);
  TaskMessage read;
  decode(payload_of(frame), kLimits, read);
  EXPECT_EQ(read.id, task.id);
  EXPECT_EQ(read.shard, task.shard);
  EXPECT_EQ(read.begun_before, 9);
  EXPECT_EQ(read.scalars, task.scalars);
  EXPECT_TRUE(read.parts.empty());
  EXPECT_EQ(read.z, *task.z);
  ASSERT_EQ(read.operands.size(), 2u);
  EXPECT_EQ(read.operands[0].name, task.operands[0].name);
  EXPECT_TRUE(read.operands[0].sent);
  EXPECT_EQ(read.operands[0].value, *task.operands[0].value);
  EXPECT_EQ(read.operands[1].name, kZeroOperand);
  EXPECT_FALSE(read.operands[1].sent);
  EXPECT_EQ(read.operands[1].size, 3);
}

TEST(Report, SaysWhatTheWorkerDid) {
  const ReportMessage report = sample_two_vectors();
  Bytes frame;
  encode_whole(report, Precision::f64, frame);
  ReportMessage read;
  decode(payload_of(frame), kLimits, read);
  EXPECT_TRUE(read.contributes);
  EXPECT_EQ(read.compute, report.compute);
  EXPECT_EQ(read.pause, report.pause);
  EXPECT_EQ(read.scalars, report.scalars);
  EXPECT_EQ(read.vectors, report.vectors);
}

TEST(Frame, IsAppendedToWhatIsThere) {
  Bytes one, two;
  encode(MessageKind::heartbeat, one);
  encode(RevokeMessage{4}, two);
  encode(MessageKind::heartbeat, two);
  ASSERT_GT(two.size(), one.size());
  EXPECT_TRUE(std::equal(one.rbegin(), one.rend(), two.rbegin()));
}

TEST(Frame, EveryKindIsReadBackAsItWasAndMeasuresNoMoreThanItsBound) {
  for (const Sample& sample : samples()) {
    const std::span<const std::byte, kFrameHeaderBytes> header = header_of(sample.frame);
    const FrameHeader decoded = decode_header(header, sample.frame.size());
    EXPECT_EQ(decoded.payload_bytes, payload_of(sample.frame).size()) << sample.name;
    EXPECT_LE(decoded.payload_bytes, most_payload_bytes(decoded.kind, sample.limits, 0))
        << sample.name;
    EXPECT_NO_THROW(check_whole(header, payload_of(sample.frame))) << sample.name;
    EXPECT_EQ(sample.read(payload_of(sample.frame)), sample.frame) << sample.name;
  }
}

// As a connection takes it apart.
Frame parted(const Bytes& whole) {
  Frame frame;
  frame.header = decode_header(header_of(whole), whole.size());
  const ByteSpan payload = payload_of(whole);
  const ByteSpan tail = payload.last(frame.header.tail_bytes);
  frame.payload.assign(payload.begin(), payload.end() - static_cast<std::ptrdiff_t>(tail.size()));
  frame.tail.setZero(static_cast<Eigen::Index>((tail.size() + 7) / 8));
  if (!tail.empty()) std::memcpy(frame.tail.data(), tail.data(), tail.size());
  return frame;
}

TEST(Frame, WithItsTailApartSaysTheSame) {
  for (const Limits& limits : {kLimits, kShort}) {
    Task task = sample_two_operands();
    task.precision = limits.precision;
    Bytes whole;
    encode(task, 1, 9, whole);
    Frame frame = parted(whole);
    EXPECT_EQ(frame.header.tail_bytes, kFeatures * number_bytes(limits.precision));
    TaskMessage read;
    decode(frame, limits, read);
    EXPECT_EQ(read.operands[0].value, *task.operands[0].value);
    EXPECT_EQ(read.z, *task.z);
    whole.clear();
    encode_whole(sample_two_vectors(), limits.precision, whole);
    frame = parted(whole);
    EXPECT_EQ(frame.header.tail_bytes, 2 * number_bytes(limits.precision));
    ReportMessage report;
    decode(frame, limits, report);
    EXPECT_EQ(report.vectors, sample_two_vectors().vectors);
  }
}

TEST(Frame, ATailThatIsNotTheLastNumbersIsRefused) {
  Bytes whole;
  encode(sample_prox(), 1, 0, whole);
  TaskMessage read;
  for (const std::uint64_t bytes : {kFeatures * 8 - 8, kFeatures * 8 - 1, kFeatures * 8 + 8}) {
    Frame frame = parted(whole);
    frame.header.tail_bytes = bytes;
    frame.tail.setZero(static_cast<Eigen::Index>((bytes + 7) / 8));
    EXPECT_THAT([&] { decode(frame, kLimits, read); },
                ::testing::ThrowsMessage<WireError>("TASK: z is not the end of the message"));
  }
  whole.clear();
  encode_whole(sample_failure(), Precision::f64, whole);
  Frame frame = parted(whole);
  frame.header.tail_bytes = 8;
  frame.tail.setZero(1);
  ReportMessage report;
  EXPECT_THAT([&] { decode(frame, kLimits, report); },
              ::testing::ThrowsMessage<WireError>("REPORT: the message goes on after its end"));
}

TEST(Frame, EveryFlippedBitIsNoticed) {
  for (const Sample& sample : samples()) {
    for (std::size_t bit = 0; bit < 8 * sample.frame.size(); ++bit) {
      Bytes frame = sample.frame;
      frame[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      const auto read = [&] {
        decode_header(header_of(frame), most_payload_bytes(MessageKind::task, sample.limits, 0));
        check_whole(header_of(frame), payload_of(frame));
      };
      EXPECT_THROW(read(), WireError) << sample.name << ", bit " << bit;
    }
  }
}

TEST(Frame, EveryTruncationAndEveryContinuationIsNoticed) {
  for (const Sample& sample : samples()) {
    const ByteSpan payload = payload_of(sample.frame);
    for (std::size_t size = 0; size < payload.size(); ++size) {
      EXPECT_THROW(sample.read(payload.first(size)), WireError) << sample.name << " of " << size;
      EXPECT_THROW(check_whole(header_of(sample.frame), payload.first(size)), WireError);
    }
    Bytes longer(payload.begin(), payload.end());
    longer.push_back(std::byte{0});
    EXPECT_THROW(sample.read(longer), WireError) << sample.name;
  }
}

std::string header_error(std::size_t at, int value, std::uint64_t most) {
  Bytes frame;
  encode(RevokeMessage{4}, frame);
  frame[at] = static_cast<std::byte>(value);
  try {
    decode_header(header_of(frame), most);
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}

TEST(Header, SaysWhatIsWrong) {
  EXPECT_EQ(header_error(0, 0x47, 8), "");
  EXPECT_EQ(header_error(0, 'X', 8), "not a frame of Laggard");
  EXPECT_EQ(header_error(4, 9, 8), "a frame of wire version 9; expected 6");
  EXPECT_EQ(header_error(6, 0, 8), "a frame of unknown kind 0");
  EXPECT_EQ(header_error(6, 13, 8), "a frame of unknown kind 13");
  EXPECT_EQ(header_error(0, 0x47, 7), "a frame of kind 8 and 8 bytes; expected at most 7");
  EXPECT_THAT(header_error(15, 0x7f, 1 << 20), HasSubstr("expected at most 1048576"));
  EXPECT_EQ(header_error(16, 3, 8), "a frame of kind 8 with a tail of 3 bytes");
}

template <class Change>
std::string report_error(Change change, const Limits& limits = kLimits) {
  ReportMessage message = sample_report(), read;
  change(message);
  Bytes frame;
  encode_whole(message, limits.precision, frame);
  try {
    decode(payload_of(frame), limits, read);
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}

TEST(Report, NonsenseIsRefusedByName) {
  using M = ReportMessage;
  EXPECT_EQ(report_error([](M&) {}), "");
  const std::string not_finite = "REPORT: a vector has a number that is not finite";
  EXPECT_EQ(report_error([](M& m) { m.vectors[0][3] = kNaN; }), not_finite);
  EXPECT_EQ(report_error([](M& m) { m.vectors[0][0] = -kInfinity; }), not_finite);
  EXPECT_EQ(report_error([](M& m) { m.vectors[0][0] = 1e39; }, kShort), not_finite);
  EXPECT_EQ(report_error([](M& m) { m.scalars[0] = kNaN; }), "REPORT: a scalar is not finite");
  const std::string too_many = "REPORT: the message has more numbers than it may";
  EXPECT_EQ(report_error([](M& m) { m.vectors[0].setZero(kNumbers - 1); }), "");
  EXPECT_EQ(report_error([](M& m) { m.vectors[0].setZero(kNumbers); }), too_many);
  EXPECT_EQ(report_error([](M& m) { m.vectors.push_back(Vector::Zero(kFeatures)); }), too_many);
  EXPECT_EQ(report_error([](M& m) { m.scalars.resize(kNumbers + 1); }), too_many);
  EXPECT_EQ(report_error([](M& m) { m.scalars.resize(kMostScalars + 1); }),
            "REPORT: scalars are too many");
  EXPECT_EQ(report_error([](M& m) { m.vectors.resize(1025); }), "REPORT: vectors are too many");
  const std::string both = "REPORT: a contribution and the reason why there is none";
  EXPECT_EQ(report_error([](M& m) { m.stopped = true; }), both);
  EXPECT_EQ(report_error([](M& m) { m.not_finite = true; }), both);
  EXPECT_EQ(report_error([](M& m) { m.failure = "bad"; }), both);
  const std::string without = "REPORT: numbers without a contribution";
  EXPECT_EQ(report_error([](M& m) { m.contributes = false; }), without);
  EXPECT_EQ(report_error([](M& m) {
              m.contributes = false;
              m.vectors.clear();
            }),
            without);
  EXPECT_EQ(report_error([](M& m) { m.shard = kShards; }), "REPORT: shard is out of range");
  EXPECT_EQ(report_error([](M& m) { m.shard = -1; }), "REPORT: shard is out of range");
  EXPECT_EQ(report_error([](M& m) { m.id = -1; }), "REPORT: id is negative");
  EXPECT_EQ(report_error([](M& m) { m.passes = -1; }), "REPORT: passes is negative");
  EXPECT_EQ(report_error([](M& m) { m.inner_iterations = -5; }),
            "REPORT: inner_iterations is negative");
  EXPECT_EQ(report_error([](M& m) { m.gradient_norm = -1; }), "REPORT: gradient_norm is negative");
  EXPECT_EQ(report_error([](M& m) { m.compute = Time(-1); }), "REPORT: compute is negative");
  EXPECT_EQ(report_error([](M& m) { m.pause = Time(-1); }), "REPORT: pause is negative");
  EXPECT_EQ(report_error([](M& m) { m.queued = Time(-1); }), "REPORT: queued is negative");
  EXPECT_EQ(report_error([](M& m) { m.idle = Time(-1); }), "REPORT: idle is negative");
  EXPECT_EQ(report_error([](M& m) { m.idle = kForever; }), "");
  EXPECT_EQ(report_error([](M& m) { m.idle = kForever - Time(1); }),
            "REPORT: idle is beyond all reason");
  EXPECT_EQ(report_error([](M& m) { m.compute = kForever; }), "REPORT: compute is endless");
  EXPECT_EQ(report_error([](M& m) { m.queued = kForever / 2; }),
            "REPORT: queued is beyond all reason");
  EXPECT_EQ(report_error([](M& m) { m.passes = std::int64_t{1} << 41; }),
            "REPORT: passes is beyond all reason");
}

template <class Change>
std::string task_error(const Task& sample, Change change, std::uint32_t sent = ~0u) {
  Task task = sample;
  change(task);
  Bytes frame;
  encode(task, sent, 0, frame);
  TaskMessage read;
  try {
    decode(payload_of(frame), kLimits, read);
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}

TEST(TaskMessage, NonsenseIsRefusedByName) {
  const auto of = [](int size, double value) {
    return std::make_shared<const Vector>(Vector::Constant(size, value));
  };
  const Task prox = sample_prox(), sum = sample_gradient();
  EXPECT_EQ(task_error(prox, [](Task&) {}), "");
  EXPECT_EQ(task_error(prox, [&](Task& t) { t.z = of(5, kNaN); }),
            "TASK: z has a number that is not finite");
  EXPECT_EQ(task_error(prox, [&](Task& t) { t.operands[0].value = of(5, kInfinity); }),
            "TASK: an operand has a number that is not finite");
  const std::string too_many = "TASK: the message has more numbers than it may";
  for (const std::uint32_t sent : {0u, 1u})  // what is not sent is to be held, or made
    EXPECT_EQ(task_error(prox, [&](Task& t) { t.operands[0].value = of(6, 0); }, sent), too_many);
  EXPECT_EQ(task_error(prox, [&](Task& t) { t.z = of(6, 0); }), too_many);
  EXPECT_EQ(task_error(prox, [](Task& t) { t.operands[0].name = -2; }),
            "TASK: an operand's name is below -1");
  EXPECT_EQ(task_error(prox, [](Task& t) { t.scalars[1] = kNaN; }), "TASK: a scalar is not finite");
  EXPECT_EQ(task_error(prox, [](Task& t) { t.scalars.resize(kMostScalars + 1); }),
            "TASK: scalars are too many");
  EXPECT_EQ(task_error(prox, [](Task& t) { t.shard = kShards; }), "TASK: shard is out of range");
  EXPECT_EQ(task_error(sum, [](Task&) {}), "");
  EXPECT_EQ(task_error(sum, [](Task& t) { t.parts[1].shard = kShards; }),
            "TASK: a part's shard is out of range");
  EXPECT_EQ(task_error(sum, [](Task& t) { t.parts[1].coefficient = kNaN; }),
            "TASK: a part's coefficient is not finite");
  EXPECT_EQ(task_error(sum, [](Task& t) { t.parts.resize(8); }), "TASK: parts are too many");
}

TEST(TaskMessage, MoreOperandsThanThereMayBeAreRefused) {
  Task task = sample_gradient();
  task.parts.clear();
  task.operands.assign(kMostOperands, {kZeroOperand, std::make_shared<const Vector>()});
  Bytes frame;
  encode(task, 0, 0, frame);
  Bytes payload(payload_of(frame).begin(), payload_of(frame).end());
  TaskMessage read;
  EXPECT_NO_THROW(decode(payload, kLimits, read));
  payload[28] = static_cast<std::byte>(kMostOperands + 1);  // after id, shard, begun, two counts
  EXPECT_THAT([&] { decode(payload, kLimits, read); },
              ::testing::ThrowsMessage<WireError>("TASK: operands are too many"));
}

TEST(Text, IsOneLineOfLimitedSize) {
  Bytes frame;
  encode(Reject{"two\nlines\x1b[31m"}, frame);
  Reject read;
  decode(payload_of(frame), read);
  EXPECT_EQ(read.reason, "two lines [31m");
  frame.clear();
  encode(Reject{std::string(kTextBytes - 1, 'x') + "\xc3\xa9 and more"}, frame);
  decode(payload_of(frame), read);
  EXPECT_EQ(read.reason, std::string(kTextBytes - 1, 'x'))
      << "cut before the character, not within";
}

TEST(HelloMessage, OnlyPlainNamesAreRead) {
  Hello hello = sample_hello(), read;
  hello.version = "\xc3\xa9";
  Bytes frame;
  encode(hello, frame);
  EXPECT_THROW(decode(payload_of(frame), read), WireError);
  hello.version = std::string(257, 'x');
  frame.clear();
  encode(hello, frame);
  EXPECT_THROW(decode(payload_of(frame), read), WireError);
}

TEST(Floats, AreWhatF32Rounds) {
  Vector x(3);
  x << 0.1, -1e-50, 16777217;
  round_to(Precision::f64, x);
  EXPECT_EQ(x[0], 0.1);
  round_to(Precision::f32, x);
  EXPECT_EQ(x[0], 0.100000001490116119384765625);  // the float next to 0.1
  EXPECT_EQ(x[1], 0);
  EXPECT_EQ(x[2], 16777216);
}

}  // namespace
}  // namespace laggard
