// What the work of a run is: all that a worker needs to know beside its tasks. Sent in WELCOME.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/problem/sharding.hpp"
#include "core/problem/synthetic.hpp"
#include "core/wire/messages.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Where a worker finds the rows of a shard. Bytes are those of encode_shard() (see shard_data.hpp).
struct ShardSource {
  enum class Kind {
    synthetic,    // it makes them itself
    coordinator,  // it asks for them
    file,         // a range of a file
    http,         // a range of what an http or https URL names
  };
  Kind kind = Kind::coordinator;
  std::string location;  // file: path; http: URL
  std::string
      address;  // http: numeric address of the URL's host; a static program cannot resolve names
};

struct ShardRange {  // of shard p within the source, for file and http
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::string sha256;  // hexadecimal
};

struct Work {
  std::string method;           // whose half the worker is: a name of methods()
  OptionValues method_options;  // settled
  std::string plugin;           // the library that the method is from; empty: built in
  std::string plugin_sha256;    // and its content, hexadecimal: both ends must have the same
  std::string loss = "logistic";
  std::int64_t samples = 0;            // N
  int features = 0;                    // d
  std::int64_t most_numbers_down = 0;  // in a task, see CoordinatorHalf
  int shards = 1;                      // P
  std::string identity;                // Dataset::identity of the whole data set
  SyntheticSpec synthetic;             // for Kind::synthetic
  Sharding sharding = Sharding::contiguous;
  std::uint64_t sharding_seed = 1;
  ShardSource source;
  std::vector<ShardId>
      own;  // the shards to load before READY; others are loaded when a task names them
  std::vector<ShardRange> ranges;  // as `own`, for file and http
  Precision precision = Precision::f64;
  std::string straggler = "none";  // canonical; the worker really waits
  std::uint64_t straggler_seed = 1;
  int workers = 1;  // W, for the straggler model
};

std::string to_json(const Work& work);
// Throws WireError naming the key.
Work parse_work(std::string_view text);

}  // namespace laggard
