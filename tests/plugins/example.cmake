# The example builds, passes its own tests, and is what the other scripts call a plugin.
include(${CMAKE_CURRENT_LIST_DIR}/support.cmake)

build_project(${SOURCE}/examples/speculative_backup ${WORK}/example)
must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/example --output-on-failure --no-tests=error)
