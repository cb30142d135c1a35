#include "runners/local_lambda/environment.hpp"

#include <fmt/format.h>

namespace laggard::local {

std::vector<std::string> function_variables(const LocalLambdaOptions& options, int number) {
  const std::string& function = options.function;
  return {"AWS_LAMBDA_FUNCTION_NAME=" + function,
          "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
          fmt::format("AWS_LAMBDA_FUNCTION_MEMORY_SIZE={:.0f}", options.memory_mb),
          "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
          "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + function,
          fmt::format("AWS_LAMBDA_LOG_STREAM_NAME=local/[$LATEST]{}", number),
          "AWS_REGION=" + options.region,
          "AWS_DEFAULT_REGION=" + options.region,
          "_HANDLER=bootstrap",
          "LAMBDA_TASK_ROOT=" + options.worker.parent_path().string(),
          "LAMBDA_RUNTIME_DIR=" + options.worker.parent_path().string(),
          "PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
          "LANG=en_US.UTF-8",
          "TZ=:UTC"};
}

}  // namespace laggard::local
