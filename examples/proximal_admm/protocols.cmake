# The method reaches the optimum under every protocol that its traits allow, and without gamma it is
# ADMM.
cmake_minimum_required(VERSION 3.25)

# Sets `result` to the JSON of a run that must exit with 0.
function(run result)
  execute_process(COMMAND ${RUNNER} --workers 4 --rho 1 --json --quiet ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}: exit code ${code}: ${errors}${output}")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

set(method --method ${PLUGIN} --gamma 0.5)
foreach(fleet sim threads local)
  foreach(protocol "sync" "async;--tau;4" "partial_barrier;--drop;1" "coded;--redundancy;1")
    run(result --fleet ${fleet} --protocol ${protocol} ${method} --target-gap 1e-4)
  endforeach()
endforeach()

execute_process(COMMAND ${RUNNER} ${method} --protocol coded --code cyclic RESULT_VARIABLE code
  ERROR_VARIABLE errors OUTPUT_QUIET)
if(NOT code EQUAL 2 OR NOT errors MATCHES "do not add up")
  message(FATAL_ERROR "a sum of its contributions is not refused: ${code}: ${errors}")
endif()

run(without --method ${PLUGIN} --gamma 0 --target-gap 1e-4)
run(admm --method admm --rho-policy fixed --target-gap 1e-4)
foreach(key rounds nonzeros)
  string(JSON one GET "${without}" ${key})
  string(JSON other GET "${admm}" ${key})
  if(NOT one STREQUAL other)
    message(FATAL_ERROR "without gamma it takes other ${key} than admm: ${one} and ${other}")
  endif()
endforeach()
