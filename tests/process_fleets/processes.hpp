// The runner with a fleet of worker processes, and what they leave behind: nothing.
#pragma once

#include "tests/runner/program.hpp"
#include "tests/support/eventually.hpp"

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace laggard {

inline const std::string kHeart = std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz";

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class ProcessFleets : public Program {
 protected:
  ProcessFleets() {
    // Whatever a run leaves behind becomes a child of the test.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::filesystem::create_directory(path("tmp"));
    ::setenv("TMPDIR", path("tmp").c_str(), 1);
    ::unsetenv("XDG_RUNTIME_DIR");
  }
  ~ProcessFleets() override {
    ::unsetenv("TMPDIR");
    EXPECT_TRUE(std::filesystem::is_empty(path("tmp"))) << "files are left behind";
    // A process that a killed runner left is ended by the end of its connection, not by us.
    EXPECT_TRUE(eventually([] { return !has_children(); })) << "processes are left behind";
  }

  // The JSON result of a run that is to end with `code`.
  boost::json::object run_json(std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.end(), {"--json", "--quiet"});
    const int ended = run(std::move(arguments));
    EXPECT_EQ(ended, code) << err();
    if (ended != code || out().empty()) return {};
    return result().as_object();
  }
  static std::string digest(const boost::json::object& result) {
    return result.contains("iterate_digest") ? std::string(result.at("iterate_digest").as_string())
                                             : "none";
  }
  static std::int64_t lives(const boost::json::object& result, const char* what) {
    return result.at("lives").as_object().at(what).as_int64();
  }

  // True if there is a child that has not ended; those that have are reaped.
  static bool has_children() {
    while (true) {
      const pid_t ended = ::waitpid(-1, nullptr, WNOHANG);
      if (ended == 0) return true;
      if (ended < 0) return false;
    }
  }

  // Fields of a row of a .csv file by the names of its header.
  std::vector<std::map<std::string, std::string>> table(const std::string& file) const {
    std::ifstream in(path(file));
    std::vector<std::string> names;
    std::vector<std::map<std::string, std::string>> rows;
    for (std::string line; std::getline(in, line);) {
      std::vector<std::string> fields;
      std::stringstream cut(line);
      for (std::string field; std::getline(cut, field, ',');) fields.push_back(field);
      if (names.empty()) {
        names = fields;
        continue;
      }
      rows.emplace_back();
      for (std::size_t i = 0; i < fields.size(); ++i) rows.back()[names[i]] = fields[i];
    }
    return rows;
  }

  static bool is_long() { return std::getenv("LAGGARD_LONG") != nullptr; }

  // A port of loopback that nobody uses just now.
  static int free_port() {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return acceptor.local_endpoint().port();
  }
  static bool is_listened_on(int port) {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket socket(loop);
    boost::system::error_code error;
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)},
                   error);
    return !error;
  }
};

}  // namespace laggard
