#include "core/io/error.hpp"
#include "core/wire/assignment.hpp"
#include "core/wire/work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <limits>

namespace laggard {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

Assignment assignment() {
  Assignment out;
  from_hex("00112233445566778899aabbccddeeff", out.run);
  out.worker = 5;
  out.incarnation = 2;
  out.connect = "127.0.0.1:4711";
  out.token.fill(std::byte{0xab});
  out.pin = std::string(64, '7');
  out.connect_timeout = std::chrono::milliseconds(2500);
  return out;
}

json::object fields(const std::string& text) { return json::parse(text).as_object(); }

std::string assignment_error(const std::string& text) {
  try {
    parse_assignment(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string assignment_error(const char* key, const json::value& value) {
  json::object object = fields(to_json(assignment()));
  object[key] = value;
  return assignment_error(json::serialize(object));
}

TEST(AssignmentJson, HasTheseKeys) {
  const json::object expected = {{"laggard", 6},
                                 {"run", "00112233445566778899aabbccddeeff"},
                                 {"worker", 5},
                                 {"incarnation", 2},
                                 {"connect", "127.0.0.1:4711"},
                                 {"token",
                                  "abababababababababababababababab"
                                  "abababababababababababababababab"},
                                 {"pin", std::string(64, '7')},
                                 {"connect_timeout_ms", 2500}};
  EXPECT_EQ(fields(to_json(assignment())), expected);
}

TEST(AssignmentJson, IsReadBackAsItWas) {
  for (const char* pin : {"", "7777777777777777777777777777777777777777777777777777777777777777"}) {
    Assignment given = assignment();
    given.pin = pin;
    const Assignment read = parse_assignment(to_json(given));
    EXPECT_EQ(read.run, given.run);
    EXPECT_EQ(read.worker, given.worker);
    EXPECT_EQ(read.incarnation, given.incarnation);
    EXPECT_EQ(read.connect, given.connect);
    EXPECT_EQ(read.token, given.token);
    EXPECT_EQ(read.pin, given.pin);
    EXPECT_EQ(read.connect_timeout, given.connect_timeout);
  }
}

TEST(AssignmentJson, AnotherReleaseIsToldBeforeAnythingElse) {
  EXPECT_EQ(assignment_error("{\"laggard\": 7, \"new\": true}"),
            "the coordinator speaks wire version 7, this worker 6; deploy the worker of the "
            "coordinator's release");
}

TEST(AssignmentJson, WhatIsWrongIsNamed) {
  EXPECT_THAT(assignment_error(""), HasSubstr("assignment: not JSON"));
  EXPECT_THAT(assignment_error("{\"laggard\": 6"), HasSubstr("assignment: not JSON"));
  EXPECT_EQ(assignment_error("[1]"), "assignment: not a JSON object");
  EXPECT_EQ(assignment_error("{}"), "assignment: laggard is missing");
  EXPECT_EQ(assignment_error("{\"key1\": \"value1\"}"), "assignment: laggard is missing");
  EXPECT_EQ(assignment_error("extra", 1), "assignment: extra is not known");
  EXPECT_THAT(assignment_error("worker", -1), HasSubstr("assignment: worker: expected an integer"));
  EXPECT_THAT(assignment_error("worker", "5"),
              HasSubstr("assignment: worker: expected an integer"));
  EXPECT_THAT(assignment_error("incarnation", 1e99), HasSubstr("assignment: incarnation: "));
  EXPECT_THAT(assignment_error("connect_timeout_ms", 0),
              HasSubstr("assignment: connect_timeout_ms: "));
  EXPECT_EQ(assignment_error("run", "00"), "assignment: run: expected 32 hexadecimal digits");
  EXPECT_EQ(assignment_error("pin", "00"), "assignment: pin: expected 64 hexadecimal digits");
  EXPECT_EQ(assignment_error("connect", ""), "assignment: connect: expected ADDRESS:PORT");
  EXPECT_EQ(assignment_error("connect", nullptr), "assignment: connect: expected a text");
}

TEST(AssignmentJson, EveryKeyIsNeeded) {
  const json::object whole = fields(to_json(assignment()));
  for (const auto& entry : whole) {
    json::object object = whole;
    object.erase(entry.key());
    EXPECT_EQ(assignment_error(json::serialize(object)),
              "assignment: " + std::string(entry.key()) + " is missing");
  }
}

TEST(AssignmentJson, ErrorsNeverHoldTheToken) {
  const std::string secret = "5ec4e75ec4e75ec4e7";
  EXPECT_EQ(assignment_error("token", json::string(secret)),
            "assignment: token: expected 64 hexadecimal digits");
  EXPECT_THAT(assignment_error("{\"laggard\": 6, \"token\": \"" + secret + "\""),
              Not(HasSubstr(secret)));
}

Work work() {
  Work out;
  out.method = "fista";
  out.method_options = {{"steps", std::int64_t{3}},
                        {"tolerance", 0.1},
                        {"bound", kInfinity},
                        {"least", std::numeric_limits<double>::denorm_min()},
                        {"text", "1e4"}};
  out.loss = "huber:0.30000000000000004";
  out.samples = 6'000'000'000;
  out.features = 123;
  out.most_numbers_down = 246;
  out.shards = 9;
  out.identity = "sha256:\"\\\n\xc3\xa9";
  out.synthetic = parse_synthetic("n=1000,d=20,density=0.123456789012345678,nu=entry,seed=9");
  out.sharding = Sharding::shuffle;
  out.sharding_seed = std::numeric_limits<std::uint64_t>::max();
  out.source = {ShardSource::Kind::http, "https://host/a b.bin", "10.0.0.1"};
  out.own = {8, 0};
  out.ranges = {{std::int64_t{1} << 40, 77, std::string(64, 'c')}, {0, 0, std::string(64, '0')}};
  out.precision = Precision::f32;
  out.straggler = "bimodal:p=0.05,factor=10";
  out.straggler_seed = 12;
  out.workers = 4;
  return out;
}

void expect_same(const Work& read, const Work& given) {
  EXPECT_EQ(read.method, given.method);
  EXPECT_EQ(read.method_options, given.method_options);
  EXPECT_EQ(read.loss, given.loss);
  EXPECT_EQ(read.samples, given.samples);
  EXPECT_EQ(read.features, given.features);
  EXPECT_EQ(read.most_numbers_down, given.most_numbers_down);
  EXPECT_EQ(read.shards, given.shards);
  EXPECT_EQ(read.identity, given.identity);
  EXPECT_EQ(read.synthetic.samples, given.synthetic.samples);
  EXPECT_EQ(read.synthetic.features, given.synthetic.features);
  EXPECT_EQ(read.synthetic.density, given.synthetic.density);
  EXPECT_EQ(read.synthetic.nu, given.synthetic.nu);
  EXPECT_EQ(read.synthetic.seed, given.synthetic.seed);
  EXPECT_EQ(read.sharding, given.sharding);
  EXPECT_EQ(read.sharding_seed, given.sharding_seed);
  EXPECT_EQ(read.source.kind, given.source.kind);
  EXPECT_EQ(read.source.location, given.source.location);
  EXPECT_EQ(read.source.address, given.source.address);
  EXPECT_EQ(read.own, given.own);
  ASSERT_EQ(read.ranges.size(), given.ranges.size());
  for (std::size_t i = 0; i < read.ranges.size(); ++i) {
    EXPECT_EQ(read.ranges[i].offset, given.ranges[i].offset);
    EXPECT_EQ(read.ranges[i].bytes, given.ranges[i].bytes);
    EXPECT_EQ(read.ranges[i].sha256, given.ranges[i].sha256);
  }
  EXPECT_EQ(read.precision, given.precision);
  EXPECT_EQ(read.straggler, given.straggler);
  EXPECT_EQ(read.straggler_seed, given.straggler_seed);
  EXPECT_EQ(read.workers, given.workers);
}

TEST(WorkJson, IsReadBackToTheLastBit) {
  expect_same(parse_work(to_json(work())), work());
  Work plain;
  plain.samples = plain.features = 1;
  plain.most_numbers_down = 1;
  expect_same(parse_work(to_json(plain)), plain);
}

TEST(WorkJson, CrossesInAWelcome) {
  Welcome message{to_json(work()), std::chrono::seconds(1)}, read;
  Bytes frame;
  encode(message, frame);
  decode(ByteSpan(frame).subspan(kFrameHeaderBytes), read);
  EXPECT_EQ(read.work, message.work);
}

std::string work_error(const char* key, const json::value& value) {
  json::object object = fields(to_json(work()));
  object[key] = value;
  try {
    parse_work(json::serialize(object));
  } catch (const WireError& error) {
    return error.what();
  }
  return "";
}

TEST(WorkJson, WhatIsWrongIsNamed) {
  EXPECT_THROW(parse_work("{"), WireError);
  EXPECT_THROW(parse_work("7"), WireError);
  EXPECT_EQ(work_error("extra", 1), "work: extra is not known");
  EXPECT_THAT(work_error("features", 0), HasSubstr("work: features: "));
  EXPECT_THAT(work_error("most_numbers_down", 0), HasSubstr("work: most_numbers_down: "));
  EXPECT_THAT(work_error("samples", -3), HasSubstr("work: samples: "));
  EXPECT_THAT(work_error("sharding", "odd"), HasSubstr("work: sharding: "));
  EXPECT_THAT(work_error("precision", "f16"), HasSubstr("work: precision: "));
  for (const json::object& bad :
       {json::object{{"name", "a"}, {"real", "nan"}}, json::object{{"name", "a"}, {"real", 1.5}},
        json::object{{"name", "a"}, {"integer", 0.5}}, json::object{{"name", "a"}},
        json::object{{"text", "a"}}})
    EXPECT_THAT(work_error("method_options", json::array{bad}),
                HasSubstr("work: method_options: "));
  EXPECT_THAT(work_error("own", json::array{9, 0}), HasSubstr("work: own: "));
  EXPECT_THAT(work_error("own", json::array{1}), HasSubstr("work: ranges: "));
  EXPECT_THAT(work_error("own", "all"), HasSubstr("work: own: expected a list"));
  EXPECT_THAT(work_error("method_options", nullptr), HasSubstr("work: method_options"));
  EXPECT_THAT(work_error("synthetic", "n=0"), HasSubstr("n: 0"));
  EXPECT_THAT(work_error("straggler_seed", -1), HasSubstr("work: straggler_seed: "));
}

TEST(WorkJson, EveryKeyIsNeeded) {
  const json::object whole = fields(to_json(work()));
  for (const auto& entry : whole) {
    json::object object = whole;
    object.erase(entry.key());
    EXPECT_THROW(parse_work(json::serialize(object)), WireError) << entry.key();
  }
}

}  // namespace
}  // namespace laggard
