# The headers that plugins are compiled against. They alone are installed, and a plugin fits the
# programs that were built from the same: what else changes does not matter to it.
set(LAGGARD_PLUGIN_HEADER_FILES
  core/io/abi.hpp
  core/io/error.hpp
  core/io/option_spec.hpp
  core/method/coordinator_half.hpp
  core/method/gradient_method.hpp
  core/method/gradient_sum.hpp
  core/method/method.hpp
  core/method/penalty.hpp
  core/method/plugin.hpp
  core/method/shard_sum.hpp
  core/method/state_archive.hpp
  core/method/traits.hpp
  core/method/worker_half.hpp
  core/problem/buffer.hpp
  core/problem/dataset.hpp
  core/problem/kernel.hpp
  core/problem/loss.hpp
  core/problem/problem.hpp
  core/problem/regularizer.hpp
  core/problem/vector_ops.hpp
  core/problem/vector_width.hpp
  core/schedule/plugin.hpp
  core/schedule/protocol.hpp
  core/schedule/session.hpp
  core/solver/local_solver.hpp
  core/task/absent.hpp
  core/task/decoding.hpp
  core/task/precision.hpp
  core/task/task.hpp
  core/task/types.hpp
)
set(all "")
foreach(header IN LISTS LAGGARD_PLUGIN_HEADER_FILES)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
  file(READ ${PROJECT_SOURCE_DIR}/${header} text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")  # what comments say is no part of it
  string(REGEX REPLACE "[ \t\n]+" " " text "${text}")
  string(APPEND all "${text}")
endforeach()
string(SHA256 LAGGARD_PLUGIN_HEADERS "${all}")
string(SUBSTRING ${LAGGARD_PLUGIN_HEADERS} 0 16 LAGGARD_PLUGIN_HEADERS)
