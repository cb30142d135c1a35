# Runs PLUGIN (--protocol or --method, and its path) with ARGUMENTS on FLEET, on the example that RUNNER solves without options, and stops
# with an error if it does not do what every protocol or method must.
cmake_minimum_required(VERSION 3.25)

# Sets `result` to the JSON of a run, which must reach the optimum.
function(run result FLEET)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env XDG_CACHE_HOME=${CACHE} ${RUNNER} ${PLUGIN}
      --fleet ${FLEET} --target-gap 1e-4 --json --quiet ${ARGUMENTS}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${PLUGIN} on ${FLEET}: exit code ${code}: ${errors}${output}")
  endif()
  string(JSON converged GET "${output}" converged)
  if(NOT converged)
    message(FATAL_ERROR "${PLUGIN} on ${FLEET}: not converged: ${output}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

run(first ${FLEET})
if(FLEET STREQUAL "sim")
  run(second ${FLEET})
  foreach(digest schedule_digest iterate_digest)
    string(JSON one GET "${first}" ${digest})
    string(JSON other GET "${second}" ${digest})
    if(NOT one STREQUAL other)
      message(FATAL_ERROR "${PLUGIN}: two runs differ in ${digest}: ${one} and ${other}; does it "
        "depend on addresses, on an unordered container, or on a variable that nobody set?")
    endif()
  endforeach()
endif()
if(SAME_AS)
  run(model ${SAME_AS})
  string(JSON one GET "${first}" iterate_digest)
  string(JSON other GET "${model}" iterate_digest)
  if(NOT one STREQUAL other)
    message(FATAL_ERROR "${PLUGIN}: other iterates on ${FLEET} than on ${SAME_AS}")
  endif()
endif()
