// Where a worker finds its rows: the answer is that of the whole problem, whatever the source.
#include "core/wire/proof.hpp"
#include "core/wire/shard_data.hpp"
#include "tests/worker/fake_coordinator.hpp"
#include "tests/worker/fake_runtime_api.hpp"
#include "tests/worker/work_of_test.hpp"
#include "tests/worker/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <charconv>

namespace laggard {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string sha256(std::string_view bytes) {
  std::array<std::byte, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return to_hex(digest);
}

class Sources : public ::testing::Test {
 protected:
  Sources() {
    work.source.kind = ShardSource::Kind::file;
    for (ShardId p = 0; p < kShards; ++p) {
      Bytes rows;
      encode_shard(whole.shard(p), rows);
      const std::string text(reinterpret_cast<const char*>(rows.data()), rows.size());
      if (std::find(work.own.begin(), work.own.end(), p) != work.own.end())
        work.ranges.push_back({static_cast<std::int64_t>(content.size()),
                               static_cast<std::int64_t>(text.size()), sha256(text)});
      content += text;
    }
  }

  Peer start(const Work& told, WorkerProcess::Environment environment = {}) {
    environment.emplace_back("AWS_LAMBDA_RUNTIME_API", api.address());
    if (!worker) worker = std::make_unique<WorkerProcess>(std::vector<std::string>{}, environment);
    api.invoke(std::to_string(++invocations), to_json(coordinator.assignment()));
    Peer peer = coordinator.meet(told);
    peer.say(Welcome{to_json(told), std::chrono::seconds(1)});
    return peer;
  }
  // It gets its shards without asking, and computes what the whole problem would.
  void expect_served(const Work& told, const Problem& problem,
                     const WorkerProcess::Environment& environment = {}) {
    Peer peer = start(told, environment);
    ASSERT_EQ(peer.next().header.kind, MessageKind::ready);
    for (const ShardId p : told.own) {
      const Task task = prox_task(problem, p, p);
      peer.task(task, false);
      const ReportMessage report = peer.report();
      EXPECT_EQ(report.failure, "");
      EXPECT_EQ(report.vectors, computed_here(told, problem, task).vectors);
    }
    peer.goodbye();
    EXPECT_EQ(api.outcome(std::to_string(invocations)).kind, "response");
  }
  std::string failure(const Work& told, const WorkerProcess::Environment& environment = {}) {
    Peer peer = start(told, environment);
    EXPECT_FALSE(peer.expect<Leaving>(MessageKind::leaving).why.empty());
    const FakeRuntimeApi::Outcome outcome = api.outcome(std::to_string(invocations));
    EXPECT_EQ(outcome.error_type, "Laggard.Work");
    return outcome.body;
  }
  HttpServer::Handler ranges() {
    return [this](const HttpRequest& request) {
      asked_host = std::string(request[boost::beast::http::field::host]);
      std::int64_t first = 0, last = 0;
      const std::string range(request[boost::beast::http::field::range]);
      const char* dash = range.data() + range.find('-');
      std::from_chars(range.data() + 6, dash, first);
      std::from_chars(dash + 1, range.data() + range.size(), last);
      return http_answer(206, content.substr(static_cast<std::size_t>(first),
                                             static_cast<std::size_t>(last - first + 1)));
    };
  }
  Work at(const std::string& url) {
    Work told = work;
    told.source = {ShardSource::Kind::http, url, "127.0.0.1"};
    return told;
  }
  static std::string url(const char* scheme, const HttpServer& server) {
    return std::string(scheme) + "://shards.example:" + std::to_string(server.port()) +
           "/a9a?signature=secret";
  }

  Problem whole = small_whole();
  Work work = work_of(whole, {1, 3});
  std::string content;  // all shards one after the other
  std::string asked_host;
  TemporaryDirectory directory;
  FakeCoordinator coordinator;
  FakeRuntimeApi api;
  std::unique_ptr<WorkerProcess> worker;  // one for all invocations of a test
  int invocations = 0;
};

TEST_F(Sources, MakesSyntheticRowsItselfWhateverTheSharding) {
  SyntheticSpec spec;
  spec.samples = 203;
  spec.features = 40;
  for (const Sharding sharding : {Sharding::contiguous, Sharding::round_robin, Sharding::shuffle}) {
    SCOPED_TRACE(to_string(sharding));
    Problem problem;
    problem.data =
        std::make_shared<Dataset>(arrange(make_synthetic(spec, 1), sharding, kShards, 5));
    problem.loss = make_loss("logistic");
    problem.shards = kShards;
    Work told = work_of(problem, {0, 3});
    told.source.kind = ShardSource::Kind::synthetic;
    told.synthetic = spec;
    told.sharding = sharding;
    told.sharding_seed = 5;
    expect_served(told, problem);
  }
}

TEST_F(Sources, ReadsRangesOfAFile) {
  work.source.location = directory.write("shards", content).string();
  expect_served(work, whole);
}

TEST_F(Sources, AsksAnHttpServerForRanges) {
  HttpServer server(ranges());
  expect_served(at(url("http", server)), whole);
  EXPECT_EQ(asked_host, "shards.example:" + std::to_string(server.port()));
}

TEST_F(Sources, AsksAnHttpsServerThatTheGivenAuthorityVouchesFor) {
  const TestAuthority authority;
  HttpServer server(ranges(), authority.server("shards.example"));
  expect_served(at(url("https", server)), whole,
                {{"LAGGARD_CA", directory.write("ca.pem", authority.pem).string()}});
}

TEST_F(Sources, BelievesNoOtherAuthorityAndNoOtherName) {
  const TestAuthority authority, other;
  const std::string ca = directory.write("ca.pem", authority.pem).string();
  HttpServer by_other(ranges(), other.server("shards.example"));
  EXPECT_THAT(failure(at(url("https", by_other)), {{"LAGGARD_CA", ca}}), HasSubstr("certificate"));
  HttpServer misnamed(ranges(), authority.server("elsewhere.example"));
  EXPECT_THAT(failure(at(url("https", misnamed)), {{"LAGGARD_CA", ca}}), HasSubstr("certificate"));
}

TEST_F(Sources, RefusesWhatHasAnotherChecksum) {
  content[static_cast<std::size_t>(work.ranges[1].offset) + 40] ^= 1;
  work.source.location = directory.write("shards", content).string();
  EXPECT_THAT(failure(work), HasSubstr("SHA-256"));
}

TEST_F(Sources, SaysWhichFileIsMissingOrTooShort) {
  work.source.location = (directory / "nothing").string();
  EXPECT_THAT(failure(work), HasSubstr("nothing"));
  work.source.location = directory.write("short", content.substr(0, content.size() - 1)).string();
  EXPECT_THAT(failure(work), HasSubstr("short"));
}

TEST_F(Sources, FollowsNoRedirectAndShowsNoQuery) {
  HttpServer server([](const HttpRequest&) {
    HttpResponse response = http_answer(302);
    response.set(boost::beast::http::field::location, "http://127.0.0.1:1/");
    return response;
  });
  const std::string why = failure(at(url("http", server)));
  EXPECT_THAT(why, HasSubstr("302"));
  EXPECT_THAT(why, HasSubstr("shards.example"));
  EXPECT_THAT(why, Not(HasSubstr("secret")));
}

TEST_F(Sources, RefusesAWholeFileWhereARangeWasAskedFor) {
  HttpServer server([this](const HttpRequest&) { return http_answer(200, content); });
  EXPECT_THAT(failure(at(url("http", server))), HasSubstr("200"));
}

TEST_F(Sources, RefusesAnAnswerOfAnotherSize) {
  HttpServer server([](const HttpRequest&) { return http_answer(206, "short"); });
  EXPECT_THAT(failure(at(url("http", server))), HasSubstr("5 bytes"));
}

}  // namespace
}  // namespace laggard
