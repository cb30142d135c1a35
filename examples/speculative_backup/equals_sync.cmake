# Compares PLUGIN with sync under several straggler models: the same iterates, in less virtual time.
# The instance is such that a task takes longer than its messages.
cmake_minimum_required(VERSION 3.25)

function(run result protocol)
  execute_process(
    COMMAND ${RUNNER} --synthetic n=40000,d=100,density=0.2 --cold-start 0 --max-rounds 30
      --stop none --protocol ${protocol} --json --quiet ${ARGN}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code)
  if(NOT code EQUAL 3)
    message(FATAL_ERROR "${protocol} ${ARGN}: exit code ${code}: ${errors}${output}")
  endif()
  foreach(key iterate_digest virtual_seconds rounds)
    string(JSON value GET "${output}" ${key})
    set(${result}_${key} ${value} PARENT_SCOPE)
  endforeach()
endfunction()

# compare(LESS|LESS_EQUAL option...): how its time compares with that of sync.
function(compare how)
  run(sync sync ${ARGN})
  run(backup ${PLUGIN} ${ARGN})
  message("${ARGN}: sync ${sync_virtual_seconds} s, with backups ${backup_virtual_seconds} s")
  if(NOT backup_iterate_digest STREQUAL sync_iterate_digest)
    message(FATAL_ERROR "${ARGN}: other iterates than those of sync")
  endif()
  if(NOT backup_virtual_seconds ${how} sync_virtual_seconds)
    message(FATAL_ERROR "${ARGN}: it takes longer than sync")
  endif()
endfunction()

compare(LESS --straggler bimodal:p=0.05,factor=20)
compare(LESS --straggler bimodal:p=0.02,factor=100 --workers 64 --seed 2)
compare(LESS --straggler bimodal:p=0.1,factor=50 --workers 8 --shards 20)
compare(LESS --straggler pareto --seed 3)
compare(LESS --straggler invocations:p_round=0.5,p_new=0.1)
compare(LESS_EQUAL --straggler lambda)
compare(LESS --straggler lambda+crash:p=0.01 --seed 4)
compare(LESS_EQUAL --straggler none)
