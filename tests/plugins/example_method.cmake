# The example method builds against the installed headers, and passes its own tests on sim, threads and
# worker processes.
include(${CMAKE_CURRENT_LIST_DIR}/support.cmake)

build_project(${SOURCE}/examples/proximal_admm ${WORK}/example_method)
must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/example_method --output-on-failure --no-tests=error)

set(plugin ${WORK}/example_method/libproximal_admm.so)
run(0 methods ${plugin})
must_say("${output}" "proximal_admm " "--gamma X")
run(0 --method ${plugin} --help)
must_say("${output}" "Method proximal_admm" "--gamma X")
must_refuse("--method;${plugin};--relaxation;1.5" "--relaxation: not an option of")
must_refuse("--gamma;-1;--method;${plugin}" "--gamma: -1 is out of range")
must_refuse("--protocol;${plugin}" "not a protocol plugin" "laggard_plugin_protocol")

# The static worker says that it cannot. With a sanitizer no worker is static.
if(NOT SANITIZE)
  run(4 --method ${plugin} --fleet local --workers 1 --worker ${PREFIX}/bin/laggard-worker)
  must_say("${errors}${output}" "loads no plugins" "laggard-plugin-worker")
endif()
must_refuse("--method;${plugin};--fleet;lambda;--function;f" "static worker cannot load")
