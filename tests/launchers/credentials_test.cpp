#include "tests/launchers/invoke_test_bed.hpp"

#include "core/io/error.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;

// An environment of these variables; nothing of the machine's own is looked at.
EnvironmentVariables environment(Variables variables) {
  variables.try_emplace("HOME", "/nonexistent");
  variables.try_emplace("AWS_EC2_METADATA_DISABLED", "true");
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    if (at == variables.end() || at->second.empty()) return std::nullopt;
    return at->second;
  };
}

std::string failure_of(const Variables& variables) {
  try {
    find_credentials(environment(variables));
  } catch (const FleetError& error) {
    return error.what();
  }
  return "";
}

TEST(Credentials, OfTheEnvironmentComeFirst) {
  TemporaryDirectory folder;
  const auto file = folder.write("credentials",
                                 "[default]\naws_access_key_id=B\n"
                                 "aws_secret_access_key=b\n");
  const Credentials found = find_credentials(environment({{"AWS_ACCESS_KEY_ID", "A"},
                                                          {"AWS_SECRET_ACCESS_KEY", "a"},
                                                          {"AWS_SESSION_TOKEN", "t"},
                                                          {"AWS_SHARED_CREDENTIALS_FILE", file}}));
  EXPECT_EQ(found.access_key, "A");
  EXPECT_EQ(found.secret_key.reveal(), "a");
  EXPECT_EQ(found.session_token.reveal(), "t");
}

TEST(Credentials, HalfOfThemInTheEnvironmentIsAnError) {
  EXPECT_THAT(failure_of({{"AWS_ACCESS_KEY_ID", "A"}}), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
}

TEST(Credentials, OfAProfile) {
  TemporaryDirectory folder;
  const auto keys = folder.write("credentials",
                                 "# mine\n[default]\naws_access_key_id = D\n"
                                 "aws_secret_access_key = d\n\n[work]\r\n"
                                 "aws_access_key_id=W\r\naws_secret_access_key=w/+=\r\n");
  const auto config = folder.write("config",
                                   "[default]\nregion = eu-west-1\n[profile work]\n"
                                   "s3 =\n  region = nowhere\nregion=eu-north-1\n"
                                   "aws_session_token = s\n");
  const Variables files = {{"AWS_SHARED_CREDENTIALS_FILE", keys}, {"AWS_CONFIG_FILE", config}};
  EXPECT_EQ(find_credentials(environment(files)).access_key, "D");
  EXPECT_EQ(find_region("", environment(files)), "eu-west-1");
  Variables chosen = files;
  chosen["AWS_PROFILE"] = "work";
  const Credentials found = find_credentials(environment(chosen));
  EXPECT_EQ(found.access_key, "W");
  EXPECT_EQ(found.secret_key.reveal(), "w/+=");
  EXPECT_EQ(found.session_token.reveal(), "s");
  EXPECT_EQ(find_region("", environment(chosen)), "eu-north-1");
  chosen["AWS_PROFILE"] = "play";
  EXPECT_THAT(failure_of(chosen), HasSubstr("no profile play"));
}

TEST(Credentials, AProfileThatNeedsAnotherProgramIsNotSupported) {
  TemporaryDirectory folder;
  const auto config = folder.write("config", "[default]\ncredential_process = /bin/vault\n");
  EXPECT_THAT(failure_of({{"AWS_CONFIG_FILE", config}}), HasSubstr("credential_process"));
}

TEST(Credentials, OfAContainer) {
  ScriptedServer server([](const ServedRequest& request) {
    if (request.headers.at("authorization") != "sesame") return ScriptedReply{.status = 401};
    return ScriptedReply{.body = R"({"AccessKeyId":"C","SecretAccessKey":"c","Token":"t",
                                     "Expiration":"2030-01-02T03:04:05Z"})"};
  });
  TemporaryDirectory folder;
  const auto token = folder.write("token", "sesame\n");
  const Credentials found =
      find_credentials(environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url() + "/get"},
                                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token}}));
  EXPECT_EQ(found.access_key, "C");
  EXPECT_EQ(found.session_token.reveal(), "t");
  ASSERT_TRUE(found.expires);
  EXPECT_EQ(std::chrono::system_clock::to_time_t(*found.expires), 1893553445);
  EXPECT_THAT(failure_of({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.org/"},
                          {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "sesame"}}),
              testing::AllOf(HasSubstr("loopback"), Not(HasSubstr("sesame"))));
}

// IMDSv2 with a role whose credentials are those of the n-th time that somebody asks.
ScriptedReply metadata(const ServedRequest& request, const std::function<std::string()>& answer) {
  const std::string folder = "/latest/meta-data/iam/security-credentials/";
  if (request.target == "/latest/api/token") {
    const bool is_put =
        request.method == "PUT" && request.headers.contains("x-aws-ec2-metadata-token-ttl-seconds");
    return is_put ? ScriptedReply{.body = "imds-token"} : ScriptedReply{.status = 400};
  }
  if (!request.headers.contains("x-aws-ec2-metadata-token") ||
      request.headers.at("x-aws-ec2-metadata-token") != "imds-token") {
    return {.status = 401};
  }
  if (request.target == folder) return {.body = "coordinator-role\n"};
  if (request.target == folder + "coordinator-role") return {.body = answer()};
  return {.status = 404};
}

TEST(Credentials, OfAnInstanceByItsTokenAlone) {
  ScriptedServer server([](const ServedRequest& request) {
    return metadata(request, [] {
      return R"({"Code":"Success","AccessKeyId":"I","SecretAccessKey":"i","Token":"t",
                 "Expiration":"2030-01-02T03:04:05Z"})";
    });
  });
  const Variables variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()},
                               {"AWS_EC2_METADATA_DISABLED", "false"}};
  EXPECT_EQ(find_credentials(environment(variables)).access_key, "I");
  EXPECT_EQ(server.requests().size(), 3u);
  EXPECT_NE(failure_of({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}), "") << "disabled";
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST(Credentials, ThatAreNowhereAreToldWithThePlaces) {
  const std::string why = failure_of({});
  for (const char* place : {"environment", "/nonexistent/.aws/credentials", "container",
                            "instance's metadata", "AWS_ACCESS_KEY_ID"}) {
    EXPECT_THAT(why, HasSubstr(place));
  }
}

InvokeOptions with_credentials_of(const ScriptedServer& instance, const ScriptedServer& service) {
  InvokeOptions options = test_options(service.url());
  options.credentials.reset();
  options.environment = environment({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", instance.url()},
                                     {"AWS_EC2_METADATA_DISABLED", "false"}});
  return options;
}

TEST(Credentials, AreRenewedBeforeTheyExpire) {
  std::atomic<int> asked = 0;
  ScriptedServer instance([&](const ServedRequest& request) {
    return metadata(request, [&] {
      const bool is_first = asked++ == 0;
      const auto expires = std::chrono::system_clock::to_time_t(
          std::chrono::system_clock::now() +
          (is_first ? std::chrono::minutes(1) : std::chrono::minutes(360)));
      char text[32];
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&expires));
      return R"({"AccessKeyId":")" + std::string(is_first ? "OLD" : "NEW") +
             R"(","SecretAccessKey":"i","Token":"t","Expiration":")" + text + "\"}";
    });
  });
  ScriptedServer service([](const ServedRequest& request) {
    return healthy(request, [](const ServedRequest&) { return ScriptedReply{}; });
  });
  InvokeTestBed bed(with_credentials_of(instance, service));
  bed.launcher.prepare(1);
  bed.start(0);
  bed.run_until(1);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int worker = 1;
       service.requests().back().headers.at("authorization").find("=NEW/") == std::string::npos;
       ++worker) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    bed.start(worker);
    bed.run_until(static_cast<std::size_t>(worker) + 1);
  }
  EXPECT_EQ(asked, 2);
}

InvocationEnd end_of_a_start(const ScriptedServer& instance, const ScriptedServer& service) {
  InvokeTestBed bed(with_credentials_of(instance, service));
  bed.launcher.prepare(1);
  bed.start();
  bed.run_until(1);
  return bed.told.at(0).end;
}

ScriptedReply expired() {
  return {.status = 403,
          .body = R"({"message":"expired"})",
          .headers = {{"x-amzn-ErrorType", "ExpiredTokenException"}}};
}

TEST(Credentials, ThatTheServiceSaysHaveExpiredAreRenewedAtOnce) {
  std::atomic<int> asked = 0;
  ScriptedServer instance([&](const ServedRequest& request) {
    return metadata(request, [&] {
      return std::string(R"({"AccessKeyId":")") + (asked++ == 0 ? "OLD" : "NEW") +
             R"(","SecretAccessKey":"i","Token":"t"})";
    });
  });
  std::atomic<int> invocations = 0;
  ScriptedServer service([&](const ServedRequest& request) {
    return healthy(request, [&](const ServedRequest& invocation) {
      ++invocations;
      if (invocation.headers.at("authorization").find("=NEW/") != std::string::npos) {
        return ScriptedReply{};
      }
      return expired();
    });
  });
  const InvocationEnd end = end_of_a_start(instance, service);
  EXPECT_FALSE(end.failed) << end.why;
  EXPECT_EQ(invocations, 2);
}

// Two requests are under way with the old ones; the second is refused when the new ones have come.
TEST(Credentials, ARefusalOfOldOnesThatComesLateIsTriedWithTheNew) {
  std::atomic<int> asked = 0;
  ScriptedServer instance([&](const ServedRequest& request) {
    return metadata(request, [&] {
      return std::string(R"({"AccessKeyId":")") + (asked++ == 0 ? "OLD" : "NEW") +
             R"(","SecretAccessKey":"i","Token":"t"})";
    });
  });
  std::atomic<int> refused = 0;
  ScriptedServer service([&](const ServedRequest& request) {
    return healthy(request, [&](const ServedRequest& invocation) {
      if (invocation.headers.at("authorization").find("=NEW/") != std::string::npos)
        return ScriptedReply{};
      if (refused++ == 1) eventually([&] { return asked == 2; });
      return expired();
    });
  });
  InvokeTestBed bed(with_credentials_of(instance, service));
  bed.launcher.prepare(2);
  bed.start(0);
  bed.start(1);
  bed.run_until(2);
  ASSERT_EQ(bed.told.size(), 2u);
  for (const Told& told : bed.told) EXPECT_FALSE(told.end.failed) << told.end.why;
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(asked, 2) << "renewed once";
}

// What the metadata service gives has expired already: it is not asked without end, and the
// invocation goes out for the service to judge.
TEST(Credentials, ThatStayExpiredAreSentAsTheyAre) {
  std::atomic<int> asked = 0;
  ScriptedServer instance([&](const ServedRequest& request) {
    return metadata(request, [&] {
      ++asked;
      return std::string(R"({"AccessKeyId":"OLD","SecretAccessKey":"i","Token":"t",
                             "Expiration":"2020-01-01T00:00:00Z"})");
    });
  });
  ScriptedServer service([](const ServedRequest& request) {
    return healthy(request, [](const ServedRequest&) { return expired(); });
  });
  const InvocationEnd end = end_of_a_start(instance, service);
  EXPECT_TRUE(end.hopeless);
  EXPECT_THAT(end.why, testing::HasSubstr("they have expired"));
  EXPECT_LE(asked, 2);
}

TEST(Region, ComesFromTheOptionThenTheEnvironment) {
  const Variables variables = {{"AWS_REGION", "us-west-2"}, {"AWS_DEFAULT_REGION", "eu-west-3"}};
  EXPECT_EQ(find_region("eu-north-1", environment(variables)), "eu-north-1");
  EXPECT_EQ(find_region("", environment(variables)), "us-west-2");
  EXPECT_EQ(find_region("", environment({{"AWS_DEFAULT_REGION", "eu-west-3"}})), "eu-west-3");
  EXPECT_THROW(find_region("", environment({})), Error);
  EXPECT_THROW(find_region("us-east-1.example.org/", environment({})), Error);
}

TEST(Endpoint, ComesFromTheOptionThenTheEnvironment) {
  const Variables variables = {{"AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:2"},
                               {"AWS_ENDPOINT_URL", "http://127.0.0.1:3"}};
  EXPECT_EQ(find_endpoint("http://127.0.0.1:1", environment(variables)), "http://127.0.0.1:1");
  EXPECT_EQ(find_endpoint("", environment(variables)), "http://127.0.0.1:2");
  EXPECT_EQ(find_endpoint("", environment({})), "");
}

}  // namespace
}  // namespace laggard
